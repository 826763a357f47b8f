/**
 * The value of a name as far as a file says it: variables with what is assigned to them, defaults, environments, matrices.
 * One way for every format; knows no format's syntax. Loops of names end, and what a file multiplies is bounded.
 */

/** The values that a name or a text may have; null among them stands for one that the file does not say. */
export type Values = readonly (string | null)[];

/** What a file says of names; of any other it says nothing, which is `UNTOLD`. */
export interface KnownValues {
  readonly get: (name: string) => Values;
}

/** A name that stands in a text, and what is taken where it has no value. */
export interface Named {
  readonly name: string;
  readonly otherwise: Wording | null;
}

/** A choice that is made when the file is used. */
export interface Choice {
  readonly anyOf: readonly Wording[];
}

/** A text with names in it, in order. */
export type Wording = readonly (string | Named | Choice)[];

/** The values of what nobody can tell. */
export const UNTOLD: Values = [null];
/** A part of a text that nobody can tell. */
export const UNTOLD_PART: Choice = { anyOf: [] };
/** A file that says nothing. */
export const NOTHING_KNOWN: KnownValues = { get: () => UNTOLD };

/** More than one name ever has; with more of them it is as good as computed. */
const MAX_VALUES = 64;
/** No path is longer. */
const MAX_LENGTH = 4096;
/** Names that lead to one another. */
const MAX_DEPTH = 64;

function distinct(values: Values): Values {
  if (values.length < 2) return values;
  const found = [...new Set(values.map((value) => (value === null || value.length > MAX_LENGTH ? null : value)))];
  return found.length > MAX_VALUES ? UNTOLD : found;
}

/** Every value of the one before every value of the other. */
export function joinedValues(before: Values, after: Values): Values {
  const [only] = before;
  if (before.length === 1 && only === "") return after;
  if (before.length * after.length > MAX_VALUES ** 2) return UNTOLD;
  return distinct(
    before.flatMap((head) =>
      after.map((tail) => {
        const isKnown = head !== null && tail !== null && head.length + tail.length <= MAX_LENGTH;
        return isKnown ? head + tail : null;
      }),
    ),
  );
}

/** All values of several, once. */
export function anyOfValues(several: readonly Values[]): Values {
  const [only] = several;
  if (only === undefined) return UNTOLD;
  return several.length === 1 ? only : distinct(several.flat());
}

/** The values that a text may have. */
export function valuesOf(wording: Wording, known: KnownValues): Values {
  let found: Values = [""];
  for (const part of wording) {
    let values: Values;
    if (typeof part === "string") values = [part];
    else if ("anyOf" in part) values = anyOfValues(part.anyOf.map((option) => valuesOf(option, known)));
    else {
      const { otherwise } = part;
      values = known.get(part.name);
      if (otherwise !== null && values.some((value) => value === null || value === "")) {
        const said = values.filter((value) => value !== null && value !== "");
        values = distinct([...said, ...valuesOf(otherwise, known)]);
      }
    }
    found = joinedValues(found, values);
    if (found.every((value) => value === null)) return UNTOLD;
  }
  return found;
}

/** The texts that a wording may come to, as far as the file says. */
export function textsOf(wording: Wording, known: KnownValues): readonly string[] {
  return valuesOf(wording, known).filter((value) => value !== null);
}

/** Names of an inner scope, before those of an outer one. */
export function valuesWithin(own: ReadonlyMap<string, Values>, outer: KnownValues): KnownValues {
  return { get: (name) => own.get(name) ?? outer.get(name) };
}

/**
 * Names that are looked up when they are asked for, in any order, as make and compose do; a name of itself has no value.
 * @param read what a definition says
 */
export function lazyValues<T>(
  definitions: ReadonlyMap<string, readonly T[]>,
  read: (definition: T) => Wording,
  outer: KnownValues = NOTHING_KNOWN,
): KnownValues {
  const done = new Map<string, Values>();
  const open = new Set<string>();
  const known: KnownValues = {
    get: (name) => {
      const found = done.get(name);
      if (found !== undefined) return found;
      const own = definitions.get(name);
      if (own === undefined) return outer.get(name);
      if (open.has(name) || open.size >= MAX_DEPTH) return UNTOLD;
      open.add(name);
      const values = anyOfValues(own.map((definition) => valuesOf(read(definition), known)));
      open.delete(name);
      done.set(name, values);
      return values;
    },
  };
  return known;
}

/** Values of names that go together: one job of a matrix. */
export type Combination = ReadonlyMap<string, Values>;

/** Every combination of one of each list; null for more than `most`. An empty list says nothing. */
export function combined(lists: readonly (readonly Combination[])[], most: number): Combination[] | null {
  let found: Combination[] = [new Map()];
  for (const list of lists) {
    if (list.length === 0) continue;
    if (found.length * list.length > most) return null;
    found = found.flatMap((before) => list.map((own) => new Map([...before, ...own])));
  }
  return found;
}
