/** Prints the difference between two texts as a unified diff, as `diff -u` and `git diff` do. Masks nothing. */

/** A text before and after, and what the reader calls it. */
export interface ChangedText {
  readonly path: string;
  /** Null for a file that is made. */
  readonly before: string | null;
  readonly after: string;
}

/** A line of a diff: kept, taken out or put in. */
interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

const CONTEXT_LINES = 3;
/** More changed lines than a fix ever makes; beyond, the middle is shown as replaced as a whole. */
const MAX_CHANGES = 2000;

/** The lines of a text, each with its line break. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** How far the longest ways of `distance` changes reach, by diagonal; Myers' greedy algorithm keeps one for each distance. */
type Reaches = ReadonlyMap<number, number>;

/** The reaches up to the distance that makes `b` of `a`; null when that is too far. */
function search(a: readonly string[], b: readonly string[]): Reaches[] | null {
  const steps: Reaches[] = [];
  let reaches = new Map<number, number>([[1, 0]]);
  for (let distance = 0; distance <= MAX_CHANGES; distance++) {
    const next = new Map<number, number>(reaches);
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const left = reaches.get(diagonal - 1) ?? -1;
      const down = reaches.get(diagonal + 1) ?? -1;
      let x = diagonal === -distance || (diagonal !== distance && left < down) ? down : left + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return [...steps, reaches];
    }
    steps.push(reaches);
    reaches = next;
  }
  return null;
}

/** The lines that make `b` of `a`, in order. */
function compare(a: readonly string[], b: readonly string[]): DiffLine[] {
  const steps = search(a, b);
  if (steps === null)
    return [...a.map((text): DiffLine => ({ sign: "-", text })), ...b.map((text): DiffLine => ({ sign: "+", text }))];
  const lines: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let distance = steps.length - 1; distance >= 0; distance--) {
    const reaches = steps[distance] ?? new Map<number, number>();
    const diagonal = x - y;
    const left = reaches.get(diagonal - 1) ?? -1;
    const down = reaches.get(diagonal + 1) ?? -1;
    const isDown = diagonal === -distance || (diagonal !== distance && left < down);
    const fromX = isDown ? down : left;
    const fromY = fromX - (isDown ? diagonal + 1 : diagonal - 1);
    for (; x > fromX && y > fromY && x > 0 && y > 0; y--) lines.push({ sign: " ", text: a[--x] ?? "" });
    if (distance === 0) break;
    if (isDown) lines.push({ sign: "+", text: b[--y] ?? "" });
    else lines.push({ sign: "-", text: a[--x] ?? "" });
  }
  return lines.toReversed();
}

/** A path as the heads of a diff name it; one that could break the line is quoted. */
function shownPath(prefix: string, path: string): string {
  const named = path.startsWith("/") ? path : `${prefix}/${path}`;
  return /[\s"\\\p{C}]/u.test(named) ? JSON.stringify(named) : named;
}

function rangeOf(start: number, count: number): string {
  const first = count === 0 ? start : start + 1;
  return count === 1 ? String(first) : `${first},${count}`;
}

function printed({ sign, text }: DiffLine): string {
  return text.endsWith("\n") ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`;
}

/** One file's difference with three lines of context; empty when there is none. */
export function unifiedDiff({ path, before, after }: ChangedText): string {
  const lines = compare(linesOf(before ?? ""), linesOf(after));
  const changes = lines.flatMap(({ sign }, i) => (sign === " " ? [] : [i]));
  if (changes.length === 0) return "";
  let result = `--- ${before === null ? "/dev/null" : shownPath("a", path)}\n+++ ${shownPath("b", path)}\n`;
  let beforeAt = 0;
  let afterAt = 0;
  let done = 0;
  for (let i = 0; i < changes.length;) {
    const from = Math.max(0, (changes[i] ?? 0) - CONTEXT_LINES);
    while (i + 1 < changes.length && (changes[i + 1] ?? 0) - (changes[i] ?? 0) <= 2 * CONTEXT_LINES) i++;
    const to = Math.min(lines.length, (changes[i] ?? 0) + CONTEXT_LINES + 1);
    i++;
    beforeAt += from - done;
    afterAt += from - done;
    const hunk = lines.slice(from, to);
    const beforeCount = hunk.filter(({ sign }) => sign !== "+").length;
    const afterCount = hunk.filter(({ sign }) => sign !== "-").length;
    result += `@@ -${rangeOf(beforeAt, beforeCount)} +${rangeOf(afterAt, afterCount)} @@\n${hunk.map(printed).join("")}`;
    beforeAt += beforeCount;
    afterAt += afterCount;
    done = to;
  }
  return result;
}
