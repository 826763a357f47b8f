/** What Go and BuildKit take for blanks; JavaScript's `\s` is another set (U+FEFF in, U+0085 out). */

/** True for a character that Go's `unicode.IsSpace` accepts. */
export function isSpace(char: string): boolean {
  const code = char.charCodeAt(0);
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** The first offset from `from` on (below `end`) that holds no space. */
export function skipSpaces(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(text.charAt(at))) at++;
  return at;
}

/** `end`, moved left over the spaces before it, at most to `from`. */
export function trimSpaces(text: string, from: number, end: number): number {
  let at = end;
  while (at > from && isSpace(text.charAt(at - 1))) at--;
  return at;
}

/** True for the blanks that end a keyword or a legacy name: tab, vertical tab, form feed, CR, space. */
export function isBlank(char: string): boolean {
  const code = char.charCodeAt(0);
  return code === 0x20 || code === 0x09 || (code >= 0x0b && code <= 0x0d);
}
