/** Patterns by which `--set` of bake names its targets. Pure, and loaded by every lint: it imports nothing. */

/** True for the name of a target that a pattern of bake may stand for; `?` and `[…]` are taken for a `*`. */
export function isPartOf(pattern: string, part: string): boolean {
  const [first = "", ...rest] = pattern.split(/(?:[*?]|\[[^\]]*\])+/);
  const last = rest.pop();
  if (last === undefined) return part === pattern;
  let at = first.length;
  for (const piece of rest) {
    const found = part.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return part.startsWith(first) && part.length - last.length >= at && part.endsWith(last);
}
