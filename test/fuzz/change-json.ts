/** Changes to a JSON document that leave it one: values of another type, keys that are gone, deep nesting, planted strings. */

import type { Random } from "./random.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  2 ** 53,
  0.1,
  "",
  " ",
  "\0",
  "../..",
  "sha256:",
  `sha256:${"0".repeat(64)}`,
  "__proto__",
  [],
  {},
  [[]],
  [null],
  { "": "" },
];

const MAX_DEEP = 400;

/** Everything that can be replaced: what holds it, and under which key. */
function placesOf(value: Json): { holder: Json[] | { [key: string]: Json }; key: string }[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, item]) => [{ holder: value, key }, ...placesOf(item)]);
}

function deep(random: Random): Json {
  let value: Json = "x";
  for (let levels = random.below(MAX_DEEP); levels > 0; levels--) value = random.chance(0.5) ? [value] : { a: value };
  return value;
}

function set(holder: Json[] | { [key: string]: Json }, key: string, value: Json): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Changes one place of a value that JSON.parse gave; `planted` is what may be put into a string. */
function changeOnce(root: { value: Json }, random: Random, planted: string): void {
  const places = placesOf(root);
  const { holder, key } = random.pick(places);
  const value = (holder as { [key: string]: Json })[key] ?? null;
  switch (random.below(9)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else if (holder !== root) Reflect.deleteProperty(holder, key);
      return;
    case 1: {
      const other = random.pick(places);
      set(holder, key, structuredClone((other.holder as { [key: string]: Json })[other.key] ?? null));
      return;
    }
    case 2:
      set(holder, key, random.chance(0.5) ? [value] : { [random.pick(["a", "digest", "config", "0"])]: value });
      return;
    case 3:
      if (Array.isArray(holder)) holder.push(structuredClone(value));
      else if (holder !== root)
        set(holder, random.pick([`${key}2`, key.toUpperCase(), planted, "", "__proto__"]), value);
      return;
    case 4:
      set(holder, key, random.chance(0.1) ? deep(random) : structuredClone(random.pick(VALUES)));
      return;
    case 5:
      set(holder, key, structuredClone(random.pick(VALUES)));
      return;
    default: {
      const text = typeof value === "string" ? value : "";
      const at = random.below(text.length + 1);
      set(
        holder,
        key,
        random.pick([planted, `A=${planted}`, `${text.slice(0, at)} ${planted}`, `"${planted}"`, `${text}\n`]),
      );
    }
  }
}

/** Writes each letter of a text as an escape. */
function escaped(json: string, text: string): string {
  const letters = text.replaceAll(/./g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return json.replaceAll(text, () => letters);
}

/** The document with some places changed; null for what is no JSON document. `planted` may be escaped where it is put. */
export function changedJson(text: string, random: Random, planted: string): string | null {
  const root: { value: Json } = { value: null };
  try {
    root.value = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  if (root.value === null || typeof root.value !== "object") return null;
  for (let changes = 1 + random.below(3); changes > 0; changes--) changeOnce(root, random, planted);
  const json = JSON.stringify(root.value, null, random.chance(0.2) ? 2 : 0);
  return random.chance(0.1) ? escaped(json, planted) : json;
}
