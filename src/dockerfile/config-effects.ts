/** What package managers and their like keep of a token in files of their own. Knows programs; follows nothing. */

import { NO_EFFECTS, type CommandEffects, type Values, type Written } from "./effects.ts";
import { hasUser } from "./git-effects.ts";
import { normalPath } from "./home-path.ts";
import type { Invocation } from "./invocation.ts";
import { toSourceSpan } from "./mapped-text.ts";
import { operands, pathText } from "./shell-path.ts";
import { outline } from "./shell-word.ts";

interface ConfigWriter {
  readonly words: RegExp;
  /** Null for the first word that is no option. */
  readonly path: string | null;
}

/** Commands that keep what they are given in a file of their own. */
const CONFIG_WRITERS: ReadonlyMap<string, ConfigWriter> = new Map<string, ConfigWriter>([
  ["pip", { words: /^config .*\bset\b/, path: "~/.config/pip/pip.conf" }],
  ["pip3", { words: /^config .*\bset\b/, path: "~/.config/pip/pip.conf" }],
  ["npm", { words: /^(?:config )?set\b/, path: "~/.npmrc" }],
  ["pnpm", { words: /^config set\b/, path: "~/.npmrc" }],
  ["yarn", { words: /^config set\b/, path: "~/.yarnrc" }],
  ["conda", { words: /^config\b/, path: "~/.condarc" }],
  ["poetry", { words: /^config (?:http-basic|pypi-token|repositories)/, path: "~/.config/pypoetry/auth.toml" }],
  // Of comfy-cli: `--set-hf-api-token` stays in its config (comfy_cli/config_manager.py).
  ["comfy", { words: /\bmodel download\b/, path: "~/.config/comfy-cli/config.ini" }],
  ["dotenv", { words: /\bset\b/, path: ".env" }],
  ["rclone", { words: /^config (?:create|update|password)\b/, path: "~/.config/rclone/rclone.conf" }],
  ["crudini", { words: /^(?:--\w+ )*--set\b/, path: null }],
  ["docker", { words: /^login\b/, path: "~/.docker/config.json" }],
]);

/** `pip install -e git+https://…` keeps its clone; without `-e`, pip takes the user part out of what it records (PEP 610). */
function editable({ program, args, command }: Invocation, values: Values): Written[] {
  return args.flatMap((word, i): Written[] => {
    const text = outline(word);
    if (!/^(?:-e|--editable)$/.test(args[i - 1]?.value ?? "") || !text.startsWith("git+") || !hasUser(word)) return [];
    const name = /#egg=([\w.-]+)/.exec(text)?.[1] ?? /([^/]*?)(?:\.git)?(?:@[^/]*)?(?:#.*)?$/.exec(text)?.[1] ?? "${…}";
    const span = toSourceSpan(command.script, word.start, word.end);
    const paths = [normalPath(`src/${name.replaceAll("\0", "${…}")}/.git/config`, values.environment)];
    return [{ paths, form: `${program} install -e`, origins: values.ofWord(word, command.script), kind: "url", span }];
  });
}

/** What a program keeps of its words in its own configuration, and of an address that it installs from. */
export function configEffects(invocation: Invocation, values: Values): CommandEffects {
  const { program, args, command } = invocation;
  if (/^(?:pip3?|uv)$/.test(program) && args.some(({ value }) => value === "install")) {
    return { ...NO_EFFECTS, writes: editable(invocation, values).filter(({ origins }) => origins.length > 0) };
  }
  const known = CONFIG_WRITERS.get(program);
  if (known === undefined || !known.words.test(args.map(({ value }) => value ?? "").join(" "))) return NO_EFFECTS;
  const given = args.map((word) => {
    const isStdin = word.value === "--password-stdin";
    return { word, origins: isStdin ? values.ofInput() : values.ofWord(word, command.script) };
  });
  const writes = given
    .filter(({ origins }) => origins.length > 0)
    .map(({ word, origins }): Written => {
      const kind = hasUser(word) ? "url" : "file";
      const path = known.path ?? pathText(operands(args)[0] ?? word) ?? "${…}";
      const paths = [normalPath(path, values.environment)];
      return { paths, form: `${program} ${args[0]?.value ?? ""}`, origins, kind, span: null };
    });
  return { ...NO_EFFECTS, writes };
}
