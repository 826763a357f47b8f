/**
 * Which files Python code on a command line writes a token to, and what it prints. There is no Python parser: names that take a value from the
 * environment or from a file are followed line by line, in the calls that write.
 */

import { NO_EFFECTS, type CommandEffects, type Values, type Written } from "./effects.ts";
import { normalPath } from "./home-path.ts";
import type { ProgramCode } from "./invocation.ts";
import { toSourceSpan, type MappedText } from "./mapped-text.ts";
import { carriedText, environmentReads, hubCalls, withoutStrings } from "./python-code.ts";
import { carried, merged, type Origins } from "./token-origin.ts";

/** `X = A`, `X: str = A`; `X[K] = A` and `X += A`, which add to what is there. */
const ASSIGNMENT = /^[ \t]*([A-Za-z_]\w*)\s*(?::[^=\n]*|(\[[^\]\n]*\]|\+))?\s*=(?!=)\s*(.+)$/;
/** `with open(A) as f` and `f = open(A)`. */
const OPENED =
  /\bopen\s*\(\s*(?:[\w.]*\(\s*)?[rbfu]?("[^"\n]*"|'[^'\n]*'|\w+)[^()\n]*?(?:,\s*(?:mode\s*=\s*)?["']([rwaxb+t]+)["'])?[^()\n]*\)+\s*(?:as\s+(\w+))?/;
const PATH_CALL =
  /(?:Path|PosixPath)\s*\(\s*(?:[\w.]*\(\s*)?("[^"\n]*"|'[^'\n]*'|\w+)[^()\n]*\)+(?:\.expanduser\(\))?\.(write_text|write_bytes|open|read_text)/;
const WRITES =
  /(?<!\bstd(?:out|err))\.(?:write|writelines|write_text|write_bytes)\s*\(|\b(?:json|yaml|toml|tomli_w|tomlkit|pickle)\.(?:safe_)?dump\s*\(|\bprint\s*\([^\n]*\bfile\s*=(?!\s*(?:sys\.)?std)/;
/** `config.write(f)` of configparser, which writes itself into an open file. */
const WRITES_ITSELF = /(?<![\w.])(\w+)\.write\s*\(\s*(\w+)\s*[,)]/;
/** `set_key(".env", "NAME", value)` of python-dotenv. */
const SETS_KEY = /\bset_key\s*\(\s*("[^"\n]*"|'[^'\n]*')\s*,/;
const PRINTS = /(?<![\w.])(?:print|(?:sys\.)?stdout\.write)\s*\(/;
/** All variables at once; `X in os.environ` only asks for one. */
const ENVIRONMENT =
  /(?<![\w.])(?<!\bin\s+|\b(?:sorted|list|set|tuple)\(\s*)(?:os\.)?environ\b(?!\s*[.[])|(?<![\w.])(?:os\.)?environ\.(?:copy|items)\(/;
/** An argument of the program. */
const ARGUMENT = /(?<![\w.])(?:sys\.)?argv\s*\[\s*([1-9])\s*\]/g;
const WRITES_TO_FILE = /\bprint\s*\([^\n]*\bfile\s*=(?!\s*(?:sys\.)?stdout)/;
const COPIES = /\bshutil\.(?:copy|copy2|copyfile|move)\s*\(\s*("[^"\n]*"|'[^'\n]*')\s*,\s*("[^"\n]*"|'[^'\n]*')/;
/** What stands behind this in a statement is data. */
const MAX_STATEMENT = 2000;
/** More lines than code on a command line or a script of a build has. */
const MAX_LINES = 20_000;

function unquoted(text: string, names: ReadonlyMap<string, string>): string | null {
  return /^["']/.test(text) ? text.slice(1, -1) : (names.get(text) ?? null);
}

/** What code knows by name: the values of its variables, and its own functions. */
interface Names {
  readonly values: Map<string, Origins>;
  readonly functions: ReadonlySet<string>;
  readonly isExpanded: boolean;
}

/** What an expression's value may be made of. */
function originsIn(part: string, at: number, code: MappedText, names: Names, values: Values): Origins {
  const found: Origins[] = [];
  const carrying = carriedText(part, names.functions);
  const isCode = (index: number): boolean => carrying.code.charAt(index) === part.charAt(index);
  for (const { name, start, end } of environmentReads(part)) {
    if (!isCode(start)) continue;
    const step = { span: toSourceSpan(code, at + start, at + end), text: `${name} is read from the environment here` };
    found.push(carried(values.ofName(name), step));
  }
  for (const { index, 1: number = "" } of part.matchAll(ARGUMENT)) if (isCode(index)) found.push(values.ofName(number));
  for (const [, name = ""] of (names.isExpanded ? carrying.text : "").matchAll(/\$\{?(\w+)\}?/g))
    found.push(values.ofName(name));
  const open = OPENED.exec(carrying.text) ?? PATH_CALL.exec(carrying.text);
  if (open !== null && isCode(open.index) && /\.read/.test(carrying.code)) {
    found.push(values.ofFile(normalPath(unquoted(open[1] ?? "", new Map()) ?? "", values.environment)));
  }
  for (const [name] of carrying.code.matchAll(/(?<![\w."'])[A-Za-z_]\w*\b(?!\s*=(?![=}]))/g)) {
    found.push(names.values.get(name) ?? []);
  }
  return merged(...found);
}

/** What a statement that writes or prints shows; all variables only where nothing chooses among them. */
function shownIn(part: string, at: number, code: MappedText, names: Names, values: Values): Origins {
  const origins = originsIn(part, at, code, names, values);
  const isAll = ENVIRONMENT.test(carriedText(part, names.functions).code) && !/\bif\b/.test(part);
  return isAll ? merged(origins, ...values.exported().map((each) => each.origins)) : origins;
}

/** The code with the line breaks inside of brackets as blanks, so that a statement is a line. */
function joinedLines(code: string): string {
  let depth = 0;
  return withoutStrings(code)
    .replaceAll(/[()[\]{}\n]/g, (char) => {
      if (/[([{]/.test(char)) depth++;
      else if (char !== "\n") depth = Math.max(0, depth - 1);
      return char === "\n" && depth > 0 ? "\0" : char;
    })
    .split("")
    .map((char, i) => (char === "\0" && code.charAt(i) === "\n" ? " " : code.charAt(i)))
    .join("");
}

/** What the code does with values that may be tokens. */
export function pythonEffects({ text: code, isExpanded }: ProgramCode, values: Values): CommandEffects {
  const writes: Written[] = [];
  const printed: Origins[] = [];
  const known = new Map<string, Origins>();
  const functions = new Set([...code.text.matchAll(/\b(?:def|class)\s+(\w+)/g)].map(([, name = ""]) => name));
  const names: Names = { values: known, functions, isExpanded };
  const texts = new Map<string, string>();
  const handles = new Map<string, string | null>();
  let at = 0;
  let opened: string | null | undefined;
  for (const line of joinedLines(code.text).split("\n").slice(0, MAX_LINES)) {
    let inLine = at;
    for (const whole of line.split(";")) {
      const statement = whole.slice(0, MAX_STATEMENT);
      const [, name, adding, value] = ASSIGNMENT.exec(statement) ?? [];
      const open = OPENED.exec(statement);
      const path = PATH_CALL.exec(statement);
      const target = open?.[1] ?? path?.[1];
      const file = target === undefined ? undefined : unquoted(target, texts);
      const isWriting = /[wax+]/.test(open?.[2] ?? "") || (path?.[2] ?? "").startsWith("write");
      if (file !== undefined && isWriting) {
        opened = file;
        const handle = open?.[3] ?? (name !== undefined && open !== null ? name : undefined);
        if (handle !== undefined) handles.set(handle, file);
      }
      if (WRITES.test(statement) && (file === undefined || isWriting)) {
        const from = Math.max(0, statement.search(WRITES));
        const origins = shownIn(statement.slice(from), inLine + from, code, names, values);
        const handle = /(\w+)\.write/.exec(statement)?.[1] ?? /file\s*=\s*(\w+)/.exec(statement)?.[1] ?? "";
        const to = isWriting ? file : (handles.get(handle) ?? opened);
        const shown = to === null || to === undefined ? "a file" : normalPath(to, values.environment);
        const lead = statement.length - statement.trimStart().length;
        const span = toSourceSpan(code, inLine + lead, inLine + statement.trimEnd().length);
        if (origins.length > 0) writes.push({ paths: [shown], form: "Python", origins, kind: "file", span });
      }
      const [, self = "", into = ""] = WRITES_ITSELF.exec(statement) ?? [];
      const [setting = "", keyFile] = SETS_KEY.exec(statement) ?? [];
      const behind = statement.indexOf(setting) + setting.length;
      const [place, held] =
        keyFile !== undefined
          ? [keyFile.slice(1, -1), originsIn(statement.slice(behind), inLine + behind, code, names, values)]
          : [handles.get(into), handles.has(self) ? [] : (known.get(self) ?? [])];
      if (place !== undefined && place !== null && held.length > 0) {
        const span = toSourceSpan(code, inLine + statement.search(/\S/), inLine + statement.trimEnd().length);
        writes.push({
          paths: [normalPath(place, values.environment)],
          form: "Python",
          origins: held,
          kind: "file",
          span,
        });
      }
      const print = WRITES_TO_FILE.test(statement) ? -1 : statement.search(PRINTS);
      if (print !== -1) printed.push(shownIn(statement.slice(print), inLine + print, code, names, values));
      const [, source, copy] = COPIES.exec(statement) ?? [];
      if (source !== undefined && copy !== undefined) {
        const origins = values.ofFile(normalPath(source.slice(1, -1), values.environment));
        const paths = [normalPath(copy.slice(1, -1), values.environment)];
        const span = toSourceSpan(code, inLine, inLine + statement.trimEnd().length);
        if (origins.length > 0) writes.push({ paths, form: "shutil", origins, kind: "file", span });
      }
      const read =
        /^[ \t]*with\b/.test(statement) && !isWriting && file !== undefined && file !== null ? open?.[3] : undefined;
      if (read !== undefined) known.set(read, values.ofFile(normalPath(file ?? "", values.environment)));
      if (name !== undefined && value !== undefined) {
        const own = originsIn(value, inLine + statement.length - value.length, code, names, values);
        known.set(name, adding === undefined ? own : merged(known.get(name) ?? [], own));
        if (/^["'][^"']*["']$/.test(value.trim())) texts.set(name, value.trim().slice(1, -1));
      }
      inLine += whole.length + 1;
    }
    at += line.length + 1;
  }
  for (const call of hubCalls(code.text, ["Repository"])) {
    if (!/clone_from/.test(call.args) || !/(?:token|use_auth_token)\s*=/.test(call.args)) continue;
    const origins = originsIn(call.args, call.start, code, names, values);
    const span = toSourceSpan(code, call.start, call.end);
    if (origins.length > 0)
      writes.push({ paths: ["the clone's .git/config"], form: "Repository()", origins, kind: "url", span });
  }
  return { ...NO_EFFECTS, output: merged(...printed), writes };
}
