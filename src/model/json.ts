/** Reads JSON that others wrote, and looks into it: fields by name, own ones only. Pure. */

/** The value of a JSON text; undefined for what is none. A parser's message quotes the text, so nobody gets to see it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own field of an object; undefined for anything else. */
export function fieldIn(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A string of an object; null for anything else. */
export function stringIn(value: unknown, key: string): string | null {
  const found = fieldIn(value, key);
  return typeof found === "string" ? found : null;
}

/** The items of an object's array; none for anything else. */
export function itemsIn(value: unknown, key: string): readonly unknown[] {
  const found = fieldIn(value, key);
  return Array.isArray(found) ? found : [];
}
