/**
 * Reads what Hugging Face's whoami says of a token, and takes from it what a team needs: the token's role, scopes and name,
 * and the organisations. No e-mail, no person's name, nothing else. The answer is hostile until proved otherwise: every
 * field is checked, every string cleaned and cut, and one that repeats the token is left out.
 *
 * Fields: `auth.accessToken {displayName, role, fineGrained {global, scoped [{entity {type, name}, permissions}]}}` and
 * `orgs [{name, roleInOrg}]`, as the hub's API answers and huggingface_hub reads them.
 */

import { isWritingScope, type Membership } from "../model/finding.ts";
import { fieldIn, itemsIn } from "../model/json.ts";
import { compareCodeUnits } from "../model/order.ts";

/** What an answer says of a token. */
export interface Whoami {
  readonly role: string;
  readonly name: string | null;
  readonly scopes: readonly string[];
  readonly organizations: readonly Membership[];
}

const MAX_LENGTH = 100;
const MAX_SCOPES = 30;
const MAX_ORGANIZATIONS = 20;
/** So many characters of the token in a row are no chance. */
const ECHO_LENGTH = 8;
/** A role or permission as an API spells it. */
const WORD = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/** True when a text holds a stretch of the token, whatever stands between its characters. */
function repeats(text: string, token: string): boolean {
  const bare = text.replaceAll(/[^A-Za-z0-9]/g, "");
  const body = token.replaceAll(/[^A-Za-z0-9]/g, "");
  for (let at = 0; at + ECHO_LENGTH <= body.length; at++) {
    if (bare.includes(body.slice(at, at + ECHO_LENGTH))) return true;
  }
  return false;
}

/** The strings of one answer about one token, made harmless. */
interface Cleaner {
  /** A name that people give; null for no string, an empty one, or one that repeats the token. */
  readonly text: (value: unknown) => string | null;
  /** A word of the API; null for anything else. */
  readonly word: (value: unknown) => string | null;
}

function cleanerFor(token: string, redact: (text: string) => string): Cleaner {
  const text = (value: unknown): string | null => {
    if (typeof value !== "string" || repeats(value, token)) return null;
    const plain = redact(value)
      .replaceAll(/[\p{C}\p{Z}]+/gu, " ")
      .trim();
    const short = redact(plain)
      .slice(0, MAX_LENGTH)
      .replace(/\p{Surrogate}$/u, "");
    return short === "" ? null : short;
  };
  const word = (value: unknown): string | null =>
    typeof value === "string" && WORD.test(value) && redact(value) === value && !repeats(value, token) ? value : null;
  return { text, word };
}

function permissions(value: unknown, key: string, { word }: Cleaner): string[] {
  return itemsIn(value, key).flatMap((item) => word(item) ?? []);
}

/** Every permission of a fine-grained token, with what it is for; those that write come first. */
function scopesOf(fineGrained: unknown, cleaner: Cleaner): string[] {
  const everywhere = permissions(fineGrained, "global", cleaner);
  const scoped = itemsIn(fineGrained, "scoped").flatMap((item) => {
    const entity = fieldIn(item, "entity");
    const kind = cleaner.word(fieldIn(entity, "type"));
    const name = cleaner.text(fieldIn(entity, "name"));
    const where = [kind, name].filter((part) => part !== null).join(" ");
    return permissions(item, "permissions", cleaner).map((permission) =>
      where === "" ? permission : `${permission} on ${where}`,
    );
  });
  return [...new Set([...everywhere, ...scoped])].sort(
    (a, b) => Number(isWritingScope(b)) - Number(isWritingScope(a)) || compareCodeUnits(a, b),
  );
}

/** The first items, and how many more there are. */
function cut<T>(items: readonly T[], max: number, more: (count: number) => T): readonly T[] {
  return items.length <= max ? items : [...items.slice(0, max), more(items.length - max)];
}

/** What an answer says of `token`; null for one that does not have whoami's shape. */
export function readWhoami(answer: unknown, token: string, redact: (text: string) => string): Whoami | null {
  const cleaner = cleanerFor(token, redact);
  const accessToken = fieldIn(fieldIn(answer, "auth"), "accessToken");
  const role = cleaner.word(fieldIn(accessToken, "role"));
  if (role === null) return null;
  const organizations = itemsIn(answer, "orgs")
    .flatMap((item): Membership[] => {
      const name = cleaner.text(fieldIn(item, "name"));
      return name === null ? [] : [{ name, role: cleaner.word(fieldIn(item, "roleInOrg")) }];
    })
    .sort((a, b) => compareCodeUnits(a.name, b.name));
  return {
    role,
    name: cleaner.text(fieldIn(accessToken, "displayName")),
    scopes: cut(scopesOf(fieldIn(accessToken, "fineGrained"), cleaner), MAX_SCOPES, (count) => `and ${count} more`),
    organizations: cut(organizations, MAX_ORGANIZATIONS, (count) => ({ name: `and ${count} more`, role: null })),
  };
}
