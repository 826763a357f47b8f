/** How far a variable's name reaches after `$` or `${`, by BuildKit's shell lexer. */

const LETTER = /^[\p{L}\p{Nd}_]$/u;
const DIGIT = /^\p{Nd}$/u;
const SPECIAL = "@*#?-$!0";

/** The name at `from`: all digits after a first digit, one special parameter, or letters, digits and `_`; may be empty. */
export function readName(text: string, from: number, end: number): string {
  let at = from;
  let form = LETTER;
  while (at < end) {
    const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (at === from) {
      if (DIGIT.test(char)) form = DIGIT;
      else if (SPECIAL.includes(char)) return char;
    }
    if (!form.test(char)) break;
    at += char.length;
  }
  return text.slice(from, at);
}
