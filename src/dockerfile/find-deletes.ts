/** Says whether a `find` deletes a file, by where it starts, by `-name` and by `-type`. Runs nothing. */

import { names, normalPath, relativeTo, type Environment } from "./home-path.ts";
import { pathText } from "./shell-path.ts";
import type { ShellWord } from "./shell-word.ts";
import { basename } from "./wrappers.ts";

/** What is done with what `find` finds: a folder is deleted with all that is in it, or only when it is empty. */
interface Deletion {
  readonly isRecursive: boolean;
}

const WITHOUT_EFFECT = /^-(?:prune|depth|d|print0?|xdev|mount|noleaf)$/;

function removal(words: readonly string[]): Deletion | null {
  if (basename(words[0] ?? "") !== "rm") return null;
  return { isRecursive: words.some((word) => /^-\w*[rR]|^--recursive$/.test(word)) };
}

/** Every entry of the way from the start to the file, by its name; the file is the last one. */
function entries(start: string, file: string): string[] {
  const below = start === "." && !/^[/~$]/.test(file) ? file : relativeTo(start, file);
  if (below === null) return [];
  return [basename(start), ...below.split("/").filter((part) => part !== "")];
}

/**
 * True when a `find` with these arguments deletes `file`, with `-delete` or `-exec rm`.
 * @param piped what a `rm` deletes that is given the output
 */
export function findDeletes(
  args: readonly ShellWord[],
  file: string,
  environment: Environment,
  piped: Deletion | null = null,
): boolean {
  const words = args.map((word) => word.value ?? pathText(word) ?? "\0");
  const first = words.findIndex((word) => /^[-(!]/.test(word));
  const starts = words.slice(0, first === -1 ? words.length : first);
  let name: string | null = null;
  let type: string | null = null;
  let deletion = piped;
  for (let i = starts.length; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "-name") name = words[++i] ?? null;
    else if (word === "-type") type = words[++i] ?? null;
    else if (word === "-delete") deletion = { isRecursive: false };
    else if (/^-exec(?:dir)?$/.test(word)) {
      const end = words.findIndex((other, at) => at > i && (other === ";" || other === "+"));
      deletion = removal(words.slice(i + 1, end === -1 ? words.length : end)) ?? deletion;
      i = end === -1 ? words.length : end;
    } else if (!WITHOUT_EFFECT.test(word)) return false;
  }
  if (deletion === null) return false;
  const { isRecursive } = deletion;
  return (starts.length === 0 ? ["."] : starts).some((start) => {
    const way = entries(normalPath(start, environment), file);
    return way.some((entry, i) => {
      const isFile = i === way.length - 1;
      if (type !== null && type !== (isFile ? "f" : "d")) return false;
      return (name === null || names(name, entry)) && (isFile || isRecursive);
    });
  });
}
