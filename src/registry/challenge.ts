/** What a registry asks for when it answers 401. Pure. Facts: RFC 9110 section 11, distribution's token specification. */

/** What a registry wants to see. */
export type Challenge =
  | { readonly scheme: "basic" }
  | { readonly scheme: "bearer"; readonly realm: string; readonly service: string | null };

/** A parameter (`name=value`, `name="value"`) or a scheme's name. */
const PART = /([A-Za-z][\w-]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;

/** The challenge that can be met, bearer before basic; null when there is none. */
export function readChallenge(header: string): Challenge | null {
  const found: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  for (const [, name = "", inQuotes, plain] of header.matchAll(PART)) {
    const value = inQuotes?.replaceAll(/\\(.)/g, "$1") ?? plain;
    if (value === undefined) found.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else found.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  for (const { scheme, parameters } of found) {
    const realm = parameters.get("realm");
    if (scheme === "bearer" && realm !== undefined)
      return { scheme, realm, service: parameters.get("service") ?? null };
  }
  return found.some(({ scheme }) => scheme === "basic") ? { scheme: "basic" } : null;
}
