/**
 * Proves where a string ends by the length that stands before it, as serialised data has it: nothing need stand behind
 * such a string, and what does may be a letter. Pure.
 *
 * Formats: CPython's Python/marshal.c (`.pyc`), Lib/pickletools.py, the MessagePack specification.
 */

/** What stands before a length of one byte: marshal's short strings, pickle's, MessagePack's. */
const SHORT_TYPES = "zZ\xda\xfa\x8cUC\xd9";
/** The longest text between the length and a token that is looked through; matches have no more text before them. */
const MAX_BACK = 480;
/** How far behind the string another sign of binary data must stand. */
const NEAR = 16;

const BINARY = /[^\t-\r -~]/;

/**
 * True when a length before the token says that a string ends at `end`. `isSure` when the token itself is told apart from
 * words by more than its end: then the string may also begin before the token.
 */
export function endsByLength(text: string, start: number, end: number, isSure: boolean): boolean {
  const isWhole = SHORT_TYPES.includes(text.charAt(start - 2) || " ") && text.charCodeAt(start - 1) === end - start;
  if (isWhole && start >= 2) return true;
  const isBinary = BINARY.test(text.slice(end, end + NEAR));
  for (let from = start; from >= 2 && from >= start - MAX_BACK; from--) {
    const length = end - from;
    if (from >= 4 && text.charCodeAt(from - 1) === 0 && text.charCodeAt(from - 2) === 0) {
      if (text.charCodeAt(from - 4) + text.charCodeAt(from - 3) * 256 === length) return true;
    }
    const isShort = isSure && isBinary && length < 256 && text.charCodeAt(from - 1) === length;
    if (isShort && SHORT_TYPES.includes(text.charAt(from - 2))) return true;
  }
  return false;
}
