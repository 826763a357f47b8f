/**
 * Reads a run of base64 as text formats write it: over line breaks, plain, escaped or between quotes, and with `+` and
 * `/` escaped. Says where the run ends and gives its characters; decodes and judges nothing. Pure.
 */

/** Where a reading stopped. */
export interface Base64Run {
  /** Characters written. */
  readonly count: number;
  /** Offset after the text that they stand in, or of what has to be looked at again with more text behind it. */
  readonly next: number;
  /** True when the run ends here, whatever follows. */
  readonly isOver: boolean;
}

/** By byte: the character that it is in base64, URL-safe ones as those of the standard; 0 for all others. */
const CHARACTERS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if (/[A-Za-z0-9+/]/.test(char)) return byte;
  return { "-": 0x2b, _: 0x2f }[char] ?? 0;
});

/** A line break as it stands in a file, or in a string with escapes of any depth, and what the next line is set in by. */
const LINE_BREAK = /[ \t]{0,8}(?:\\*\r?\n|(?:\\+r)?\\+n)[ \t]*(?:[#>*]{1,4}[ \t]?)?(?=[\w+/%&-]|\\+(?:u00|\/))/y;
/** From the end of one string literal to the beginning of the next, in another line. */
const NEXT_LITERAL = /\\*["'`][ \t]*[+.]?[ \t]*\\?\r?\n[ \t]*[+.]?[ \t]*\\*["'`]/y;
/** `+` or `/`, escaped; its last digits tell which. */
const ESCAPED = /\\+(?:u00(2[bBfF])|(\/))|%(2[bBfF])|&#[xX]0{0,4}(2[bBfF]);|&#0{0,4}(4[37]);/y;
/** What may become one of these with more text behind it. */
const UNFINISHED = /^[\s*>"'`+.%&#;\\0-9rnuxXbBfF]*$/;

/** Nothing within a run that is no base64 is longer. */
const MAX_GLUE = 256;
const NEWLINE = 0x0a;
const PLUS = 0x2b;
const SLASH = 0x2f;

/** The character that an escape stands for. */
function escapedCharacter(match: RegExpExecArray): number {
  const which = match.slice(1).find((group) => group !== undefined) ?? "";
  return which === "/" || which === "47" || /f$/i.test(which) ? SLASH : PLUS;
}

function matchAt(pattern: RegExp, text: string): RegExpExecArray | null {
  pattern.lastIndex = 0;
  return pattern.exec(text);
}

/**
 * Reads on at `from`, writes characters (of the standard alphabet) into `into` until that is full, and says where it
 * stopped. With `isLast` nothing follows the bytes.
 */
export function readBase64Run(bytes: Uint8Array, from: number, into: Uint8Array, isLast: boolean): Base64Run {
  let count = 0;
  let at = from;
  while (count < into.length) {
    if (at >= bytes.length) return { count, next: at, isOver: isLast };
    const character = CHARACTERS[bytes[at] ?? 0] ?? 0;
    if (character !== 0) {
      into[count++] = character;
      at++;
      continue;
    }
    if (bytes[at] === NEWLINE && CHARACTERS[bytes[at + 1] ?? 0] !== 0) {
      at++;
      continue;
    }
    const end = Math.min(bytes.length, at + MAX_GLUE);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString("latin1");
    // More text could make another thing of what there is.
    if (end - at < MAX_GLUE && !isLast && UNFINISHED.test(text)) return { count, next: at, isOver: false };
    const escape = matchAt(ESCAPED, text);
    if (escape !== null) into[count++] = escapedCharacter(escape);
    const glue = escape ?? matchAt(LINE_BREAK, text) ?? matchAt(NEXT_LITERAL, text);
    if (glue === null) return { count, next: at, isOver: true };
    at += glue[0].length;
  }
  return { count, next: at, isOver: false };
}
