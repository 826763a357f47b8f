/**
 * Makes text from input harmless to look at: whatever could move a cursor, colour a terminal, turn the direction of
 * writing or hide is shown as an escape. Knows nothing of tokens: what arrives here is already redacted.
 */

/**
 * Controls (C0, DEL, C1), soft hyphen, marks that are invisible or turn the direction of writing, line and paragraph
 * separators, interlinear marks, tag characters, lone surrogates and the two that no XML may hold. Line feed and tab are
 * among them.
 */
const UNSAFE =
  /[\u{0}-\u{1f}\u{7f}-\u{9f}\u{ad}\u{61c}\u{180e}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{fffe}\u{ffff}\u{e0000}-\u{e007f}\p{Cs}]/u;
const EVERY_UNSAFE = new RegExp(UNSAFE.source, "gu");

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** One unsafe character as a person writes it in source: `\n`, `\x1b`, `\u202e`, `\u{e0001}`. */
function escapeOf(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

/**
 * The text with every unsafe character, line feeds and tabs included, shown as an escape; `##[` too, with which a line
 * of a workflow's log may hold a command anywhere.
 */
export function visible(text: string): string {
  const shown = UNSAFE.test(text) ? text.replaceAll(EVERY_UNSAFE, escapeOf) : text;
  return shown.includes("##[") ? shown.replaceAll("##[", "##\\[") : shown;
}

/** The lines of a text, each as `visible` shows it: line feeds stay what they are, and nothing else does. */
export function visibleLines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/).map((line) => visible(line));
}

/** True when a character cannot be printed as it stands. */
export function isUnsafe(character: string): boolean {
  return UNSAFE.test(character);
}

/** A value as JSON, 2 spaces deep with a final line feed; unsafe characters stand as `\uXXXX`, so it is safe to print. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value, null, 2).replaceAll(EVERY_UNSAFE, (character) => {
    if (character === "\n") return character;
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
  return `${json.replaceAll("##[", "##\\u005b")}\n`;
}
