/**
 * What code in Node, Ruby or PHP on a command line writes and prints of variables: `node -e '…'`, `ruby -e '…'`, `php -r '…'`.
 * Looks at the arguments of calls that write, and at names that were given a variable's value; there is no parser.
 */

import { NO_EFFECTS, type CommandEffects, type Values, type Written } from "./effects.ts";
import { normalPath } from "./home-path.ts";
import type { Invocation } from "./invocation.ts";
import { closing, withoutStrings } from "./python-code.ts";
import { merged, type Origins } from "./token-origin.ts";

interface Language {
  /** The option with the code. */
  readonly option: RegExp;
  /** Prints the value of its code: `node -p`. */
  readonly printing: RegExp | null;
  /** A variable of the environment, by its name. */
  readonly reads: RegExp;
  /** Up to the bracket of a call that writes. */
  readonly writes: RegExp;
  readonly prints: RegExp;
}

const NODE: Language = {
  option: /^(?:-e|-pe?|--eval|--print)$/,
  printing: /^(?:-pe?|--print)$/,
  reads: /process\.env(?:\.(\w+)|\[\s*["'`](\w+)["'`]\s*\])/g,
  writes: /\b(?:writeFile|appendFile|outputFile)(?:Sync)?\s*(?=\()/g,
  prints: /\b(?:console\.(?:log|info)|process\.stdout\.write)\s*(?=\()/g,
};
const RUBY: Language = {
  option: /^-e$/,
  printing: null,
  reads: /\bENV(?:\.fetch\(|\[)\s*["'](\w+)["']/g,
  writes: /\b(?:File|IO)\.(?:bin)?write\s*(?=\()/g,
  prints: /\b(?:puts|print)\b\s*/g,
};
const PHP: Language = {
  option: /^-r$/,
  printing: null,
  reads: /\bgetenv\(\s*["'](\w+)["']|\$_(?:ENV|SERVER)\[\s*["'](\w+)["']/g,
  writes: /\bfile_put_contents\s*(?=\()/g,
  prints: /\b(?:echo|print)\b\s*/g,
};

const LANGUAGES: ReadonlyMap<string, Language> = new Map([
  ["node", NODE],
  ["nodejs", NODE],
  ["bun", NODE],
  ["ruby", RUBY],
  ["php", PHP],
]);

/** `const t = …`, `t = …`, `$t = …`. */
const ASSIGNED = /(?:\b(?:const|let|var)\s+|[;\n]\s*|^\s*)\$?([A-Za-z_]\w*)\s*=(?![=>])([^;\n]*)/g;
/** More code than a command line has is data. */
const MAX_CODE = 20_000;

/** What code on a command line does; null for a program that is none of these, or that is given a file. */
export function oneLinerEffects({ program, args, command }: Invocation, values: Values): CommandEffects | null {
  const language = LANGUAGES.get(program);
  if (language === undefined) return null;
  const at = args.findIndex(({ value }) => language.option.test(value ?? ""));
  const word =
    at === -1 ? (args.length === 0 || args[0]?.value === "-" ? command.input?.word : undefined) : args[at + 1];
  if (word === undefined) return null;
  // What the shell puts in stands in the code as a name.
  const expanded = new Map<string, Origins>();
  const code = word.pieces
    .map((piece) => {
      if (piece.kind === "text") return piece.text;
      const name = `_${expanded.size}_`;
      expanded.set(name, values.ofWord({ ...word, pieces: [piece] }, command.script));
      return name;
    })
    .join("")
    .slice(0, MAX_CODE);
  const plain = withoutStrings(code);
  const known = new Map<string, Origins>();
  const { reads } = language;
  const isCode = (index: number): boolean => plain.charAt(index) === code.charAt(index);

  function originsIn(start: number, end: number): Origins {
    const part = code.slice(start, end);
    const found: Origins[] = [];
    for (const { index, 1: name, 2: quoted } of part.matchAll(reads))
      if (isCode(start + index)) found.push(values.ofName(name ?? quoted ?? ""));
    for (const { index, 0: name } of part.matchAll(/(?<![\w.])[A-Za-z_]\w*/g))
      found.push(expanded.get(name) ?? (isCode(start + index) ? known.get(name) : null) ?? []);
    return merged(...found);
  }

  for (const { index, 0: whole, 1: name = "", 2: value = "" } of code.matchAll(ASSIGNED))
    known.set(name, originsIn(index + whole.length - value.length, index + whole.length));
  const writes = [...plain.matchAll(language.writes)].flatMap(({ index, 0: call }): Written[] => {
    const start = index + call.length;
    const end = closing(plain, start);
    const comma = plain.indexOf(",", start);
    const origins = originsIn(Math.min(comma === -1 ? end : comma, end), end);
    const path = /^\(\s*(["'`])([^"'`]+)\1/.exec(code.slice(start, end))?.[2];
    const shown = path === undefined ? "a file" : normalPath(path, values.environment);
    return origins.length === 0 ? [] : [{ paths: [shown], form: program, origins, kind: "file", span: null }];
  });
  const printed = [...plain.matchAll(language.prints)].map(({ index, 0: call }) => {
    const start = index + call.length;
    const isCall = plain.charAt(start) === "(";
    const line = /[;\n]|$/.exec(plain.slice(start))?.index ?? 0;
    return originsIn(start, isCall ? closing(plain, start) : start + line);
  });
  const isPrinting = language.printing?.test(args[at]?.value ?? "") === true;
  const output = merged(...printed, ...(isPrinting ? [originsIn(0, code.length)] : []));
  return { ...NO_EFFECTS, output, writes };
}
