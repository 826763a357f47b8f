/** Reads the words of a shell command as paths. Touches no file. */

import type { ShellWord } from "./shell-word.ts";

/** What a command reads from its standard input, as a file. */
export const STANDARD_INPUT: RegExp = /^(?:\/dev\/(?:stdin|fd\/0)|\/proc\/self\/fd\/0)$/;
/** The environment of a process, as the kernel shows it. */
export const ENVIRONMENT_FILE: RegExp = /^\/proc\/(?:self|\d+|\$.*)\/environ$/;

/**
 * The word as a path, with variables written `${NAME}`; null when a part of it cannot be known, or when quotes keep the
 * shell from reading what it stands for: `"~/x"`, `'$HOME/x'`, `"x/*"`.
 */
export function pathText(word: ShellWord): string | null {
  let path = "";
  for (const piece of word.pieces) {
    if (piece.kind === "substitution") return null;
    if (
      piece.kind === "text" &&
      piece.isQuoted &&
      /[*?[{$]/.test(path === "" ? piece.text.replace(/^~/, "*") : piece.text)
    )
      return null;
    path += piece.kind === "text" ? piece.text : `\${${piece.name}}`;
  }
  return path;
}

/** The words that are no options, without the values of those options that take one. */
export function operands(args: readonly ShellWord[], valueOptions: ReadonlySet<string> = new Set()): ShellWord[] {
  const found: ShellWord[] = [];
  let isOptions = true;
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    if (word === undefined) continue;
    const value = word.value ?? "";
    if (isOptions && value === "--") isOptions = false;
    else if (isOptions && value.startsWith("-") && value !== "-") {
      if (valueOptions.has(value)) i++;
    } else found.push(word);
  }
  return found;
}
