/** One order for every list that is shown: strings by code unit, places by line; the same on every machine. */

/** Compares two strings by UTF-16 code unit; negative, zero or positive as `Array.prototype.sort` wants it. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A place in a file as a gap has it, `path:line:column`; without line and column it is the file itself. */
function placeIn(at: string): readonly [path: string, line: number, column: number] {
  const [, path = at, line = 0, column = 0] = /^(.*):(\d+):(\d+)$/s.exec(at) ?? [];
  return [path, Number(line), Number(column)];
}

/** Compares two places by path, then line, then column: `a:2:1` comes before `a:10:1`. */
export function comparePlaces(a: string, b: string): number {
  const [path, line, column] = placeIn(a);
  const [otherPath, otherLine, otherColumn] = placeIn(b);
  return compareCodeUnits(path, otherPath) || line - otherLine || column - otherColumn;
}
