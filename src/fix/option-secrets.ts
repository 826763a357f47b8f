/**
 * `--build-arg NAME=$X` on a command line of docker or nerdctl becomes `--secret id=NAME,env=X`, where it
 * is certain that the program finds X in its environment. Pure.
 */

import { NOTHING_MENDED, type CallerReading, type MendedCaller, type WantedSecret } from "./caller-pass.ts";
import type { Edit } from "./edit.ts";

const PASSED = /^--build-arg(?:=|[ \t]+)(["']?)([A-Za-z_]\w*)(?:=(["']?)(\S*?)\3)?\1$/;
const VALUE = /^\$\$?(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-|:?\?[^{}$]*)?\}|\(([A-Za-z_]\w*)\))$/;
/**
 * A command that builds, with nothing before it that takes variables away (`sudo`, `ssh`, `docker run`): what stands there
 * may be a key of YAML, a mark of make, a keyword of the shell, or a variable for this command.
 */
const BUILDS =
  /^[\s@+-]*(?:["']?[\w.-]+["']?:\s*[|>-]*\s*)?["'([]*(?:(?:if|!|then|do|else|time|exec|command)\s+)*(?:[A-Za-z_]\w*=\S*\s+)*(?:\/\S*\/)?(?:docker(?:[ \t]+(?:buildx|image|builder))?|nerdctl)[ \t]+(?:build|b)[\s\\]/;
/** Files whose variables come into a script, or a makefile, without being exported. */
const READS_VARIABLES =
  /^[ \t]*(?:-?include|source|\.)[ \t]+\S|(?:&&|;|\|\|)[ \t]*(?:source|\.)[ \t]+\S|\b(?:eval|declare|typeset|dotenv)\b/m;
const EXPORTS_ALL = /\bset[ \t]+-\w*a|\ballexport\b|^export[ \t]*$|^\.EXPORT_ALL_VARIABLES/m;
const MAX_COMMAND_LENGTH = 4000;

/** What stands before an offset in the same command, continued lines included. */
function commandBefore(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - MAX_COMMAND_LENGTH), offset);
  const parts = before.split(/(?<!\\)\r?\n|;|&&|\|\|?/);
  return parts.at(-1) ?? "";
}

/** True when a program that the file starts finds the variable in its environment. */
function isInEnvironment({ text }: CallerReading, name: string): boolean {
  const scripts = text.replaceAll(/--?[\w-]+[= \t]+["']?\w+=/g, " ");
  const isSet = new RegExp(`(?:^|[\\s;&|("'\`])${name}[ \\t]*(?:[:?+!]|::)?=`, "m").test(scripts);
  const isRead = new RegExp(`\\b(?:read|for|define|unset|mapfile)\\b[^\\n;]*\\b${name}\\b`).test(scripts);
  if (isRead || /\bDOCKER_BUILDKIT["']?[ \t]*[:=]+[ \t]*["']?0/.test(text)) return false;
  if (!isSet && !READS_VARIABLES.test(scripts)) return true;
  return EXPORTS_ALL.test(text) || new RegExp(`^[ \\t]*export[ \\t]+(?:[^\\n=]*[ \\t])?${name}\\b`, "m").test(scripts);
}

/** True where a comma or a blank would end what stands in YAML's brackets. */
function isInBrackets(text: string, offset: number): boolean {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset).replaceAll(/\$\{\{?[^}]*\}?\}|\[\[?\s/g, "");
  return /[[{]/.test(line);
}

function replaced(reading: CallerReading, { pass, id }: WantedSecret): Edit | null {
  const { text, facts } = reading;
  const { start, end } = pass.span;
  const [, , argument, , value] = PASSED.exec(text.slice(start, end)) ?? [];
  if (argument !== id || pass.token !== null) return null;
  const match = value === undefined ? null : VALUE.exec(value);
  const name = value === undefined ? id : (match?.[1] ?? match?.[2] ?? match?.[3]);
  if (name === undefined || !BUILDS.test(commandBefore(text, start)) || !isInEnvironment(reading, name)) return null;
  if (facts.kind === "workflow" && isInBrackets(text, start)) return null;
  return { from: start, to: end, text: `--secret id=${id},env=${name}` };
}

/** The edits for options of command lines. */
export function optionSecrets(reading: CallerReading): MendedCaller {
  return reading.wanted.reduce<MendedCaller>(({ edits, done }, wanted) => {
    const edit = wanted.pass.form === "option" ? replaced(reading, wanted) : null;
    return edit === null ? { edits, done } : { edits: [...edits, edit], done: [...done, wanted.pass] };
  }, NOTHING_MENDED);
}
