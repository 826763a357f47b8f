/** Changes to the text of a Dockerfile, a config or a calling file that follow its lines, words and quotes. Knows no rules. */

import { changedJson } from "./change-json.ts";
import type { SeedKind } from "./kinds.ts";
import type { Random } from "./random.ts";

/** Texts do not grow beyond this. */
const MAX_CHARACTERS = 65_536;

const DOCKERFILE_WORDS: readonly string[] = [
  ..."FROM x|FROM x AS y|RUN |COPY |COPY --from=0 |ADD |ENV |ARG |LABEL |CMD |ENTRYPOINT |ONBUILD |HEALTHCHECK CMD ".split(
    "|",
  ),
  ...'SHELL ["/bin/sh", "-c"]|# escape=`|# syntax=docker/dockerfile:1|# check=skip=all|--mount=type=secret,id=x,env=HF_TOKEN '.split(
    "|",
  ),
  ..."$HF_TOKEN|${HF_TOKEN}|${HF_TOKEN:-x}|$(cat /run/secrets/x)|<<EOF|<<-'EOF'|EOF|&& |; |> /f|\\|`|huggingface-cli login --token |git clone ".split(
    "|",
  ),
];

const IGNORE_WORDS: readonly string[] = "*|**|!|!*|.env|**/.env|#|/|./|../|[|[a-|\\|*.env|config|!config/**|?|  ".split(
  "|",
);

const YAML_WORDS: readonly string[] = [
  ..."services:|build:|args:|  |- |? |: |&a |*a|<<: *a|!!binary |!!str |> |>-|| |%YAML 1.1|---|...|{|}|[|]|,|#".split(
    "|",
  ),
  ..."'|\"|null|~|yes|0x1|1e3|2026-11-24|\t|$HF_TOKEN|${{ secrets.HF_TOKEN }}|accept:|version: 1|\\|`|<<EOF|docker build --build-arg ".split(
    "|",
  ),
];

const WORDS: Readonly<Partial<Record<SeedKind, readonly string[]>>> = {
  dockerfile: DOCKERFILE_WORDS,
  context: IGNORE_WORDS,
};

/** Some lines in a row: the first, and after the last. */
function someLines(lines: readonly string[], random: Random): readonly [number, number] {
  const from = random.below(lines.length);
  return [from, Math.min(lines.length, from + 1 + random.below(random.chance(0.7) ? 1 : 5))];
}

/** Changes one line. */
function changedLine(line: string, kind: SeedKind, random: Random, planted: string): string {
  const words = WORDS[kind] ?? YAML_WORDS;
  const at = random.below(line.length + 1);
  const [head, tail] = [line.slice(0, at), line.slice(at)];
  const parts = line.split(/(\s+|[=:])/);
  const some = random.below(parts.length);
  const replaced = (part: string): string => parts.with(some, part).join("");
  switch (random.below(14)) {
    case 0:
      return `${head}${random.pick([" \\\n", "\\\n", "`\n", "\n", " \\ \n", "\\\n# c\n", "\r\n", "\r"])}${tail}`;
    case 1:
      return `${random.pick([" ", "  ", "    ", "\t", "- ", "# ", "\u{a0}"])}${line}`;
    case 2:
      return line.replace(/^(?: {1,2}|\t|- |# )/, "");
    case 3: {
      const quote = random.pick(['"', "'", "`", "$'", "("]);
      return replaced(`${quote}${parts[some] ?? ""}${random.chance(0.8) ? quote.at(-1) : ""}`);
    }
    case 4:
      return line.replaceAll(/["']/g, random.pick(["", '"', "'", '\\"']));
    case 5:
      return `${head}${random.pick(words)}${tail}`;
    case 6:
      return replaced(random.pick(words));
    case 7:
    case 8:
      // Behind the first `=` or `:`, as a value.
      return line.replace(/([=:]\s*)[^\n]*$/, (_, sign: string) => `${sign}${planted}`);
    case 9:
      return replaced(planted);
    case 10:
      return random.chance(0.5) ? line.toUpperCase() : line.toLowerCase();
    case 11:
      return line.replace(/^(\s*(?:ONBUILD\s+)?RUN)\s+(.*)$/i, (_, run: string, script: string) => {
        const mark = random.pick(["EOF", "'EOF'", '"EOF"', "E", "-EOF"]);
        return `${run} <<${mark}\n${script}\n${random.pick(["EOF", "\tEOF", " EOF", "E"])}`;
      });
    case 12:
      return line.replace(
        /^(\s*)([\w-]+)(\s*[:=]\s*)(.*)$/,
        (_, indent: string, key: string, sign: string, value: string) =>
          random.pick([
            `${indent}"${key}"${sign}${value}`,
            `${indent}${key}${sign}|\n${indent}  ${value}`,
            `${indent}${key}${sign}>-\n${indent}  ${value}`,
            `${indent}{${key}${sign}${value}}`,
            `${indent}${key}${sign}&x ${value}`,
            `${indent}${key}${sign}"${value}"`,
          ]),
      );
    default:
      return parts[some] === undefined
        ? line
        : replaced(parts[some].repeat(1 + random.below(random.chance(0.1) ? 2000 : 4)));
  }
}

/** One change; `other` gives lines that may be put in, `planted` is a token that may be put where a value stands. */
export function changedText(text: string, other: string, kind: SeedKind, random: Random, planted: string): string {
  if (random.chance(0.5)) {
    const json = changedJson(text, random, planted);
    if (json !== null) return json;
  }
  const lines = text.split("\n");
  const [from, to] = someLines(lines, random);
  const some = lines.slice(from, to);
  const at = random.below(lines.length + 1);
  let result: string;
  switch (random.below(16)) {
    case 0:
      result = lines.toSpliced(from, to - from).join("\n");
      break;
    case 1:
      result = lines.toSpliced(at, 0, ...some).join("\n");
      break;
    case 2:
      result = lines
        .toSpliced(from, to - from)
        .toSpliced(at, 0, ...some)
        .join("\n");
      break;
    case 3: {
      const others = other.split("\n");
      const [first, last] = someLines(others, random);
      result = lines.toSpliced(at, random.below(2), ...others.slice(first, last)).join("\n");
      break;
    }
    case 4:
      result = lines.toSpliced(from, 2, `${some[0] ?? ""}${random.pick(["", " "])}${lines[from + 1] ?? ""}`).join("\n");
      break;
    case 5:
      result = random.chance(0.3)
        ? text.replaceAll("\n", random.pick(["\r\n", "\r", "\n\n"]))
        : `${random.pick(["\u{feff}", "# escape=`\n", "\n", "---\n", " "])}${text}`;
      break;
    case 6:
      result = lines
        .toSpliced(at, 0, ...Array.from({ length: random.below(random.chance(0.1) ? 3000 : 20) }, () => some[0] ?? ""))
        .join("\n");
      break;
    case 7:
      result = text.trimEnd();
      break;
    default:
      result = lines.with(from, changedLine(lines[from] ?? "", kind, random, planted)).join("\n");
  }
  return result.length > MAX_CHARACTERS ? text : result;
}
