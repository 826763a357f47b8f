/**
 * Matches paths against the patterns of a config: `*` and `?` within a name, `**` for any number of folders; what matches a
 * folder matches all below it. Never takes longer than pattern times path, whatever stands in them.
 */

/** Greedy with one place to come back to: the last star, which can always take more. */
function matches<T>(
  pattern: readonly T[],
  text: readonly T[],
  isStar: (part: T) => boolean,
  isSame: (part: T, other: T) => boolean,
): boolean {
  let p = 0;
  let star = -1;
  let from = 0;
  for (let t = 0; t < text.length;) {
    const part = pattern[p];
    const item = text[t];
    if (part !== undefined && isStar(part)) {
      star = p++;
      from = t;
    } else if (part !== undefined && item !== undefined && isSame(part, item)) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return pattern.slice(p).every((part) => isStar(part));
}

function matchesName(pattern: string, name: string): boolean {
  return matches(
    Array.from(pattern),
    Array.from(name),
    (char) => char === "*",
    (char, other) => char === "?" || char === other,
  );
}

function partsOf(path: string): string[] {
  return path.replace(/^\.\//, "").replace(/\/+$/, "").split("/");
}

/** True when a path, with forward slashes, is what the pattern names or lies below it. */
export function matchesPattern(pattern: string, path: string): boolean {
  return matches([...partsOf(pattern), "**"], partsOf(path), (part) => part === "**", matchesName);
}

/** The folder or file that everything a pattern matches is, or lies below; empty when that can be anything. */
export function fixedPartOf(pattern: string): string {
  const parts = partsOf(pattern);
  const end = parts.findIndex((part) => /[*?]/.test(part));
  return (end === -1 ? parts : parts.slice(0, end)).join("/");
}
