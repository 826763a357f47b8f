/**
 * Searches compressed bytes in base64 that strings of a JSON document hold: once in the raw text, which gives places, and
 * once in each string, which gives pointers. Unpacks nothing itself.
 */

import type { TokenFacts } from "../model/finding.ts";
import type { Confidence } from "../model/level.ts";
import type { Secrets } from "../token/secrets.ts";
import { eachString, type JsonDocument, type JsonHit } from "./json-document.ts";
import { memoryContent } from "./nested/content.ts";
import { packedPlaces } from "./nested/packed-text.ts";
import type { Report } from "./problem.ts";
import type { NestedOpener } from "./scan/tap.ts";
import { MARK_BYTES } from "./scan/token-window.ts";

interface Found {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
  readonly byteOffset: number;
}

/** What a search is given beside the bytes. */
interface Settings {
  readonly opener: NestedOpener;
  readonly secrets: Secrets;
  readonly report: Report;
  readonly undecoded: (kind: string) => void;
}

async function searchText(bytes: Buffer, { opener, secrets, report, undecoded }: Settings): Promise<Found[]> {
  const found: Found[] = [];
  let next = 0;
  for (const at of packedPlaces(memoryContent(bytes))) {
    if (at < next) continue;
    const run = opener.openRun(
      bytes.subarray(at, at + MARK_BYTES),
      () => ({ byteOffset: at, line: null }),
      () => "",
      () => ({
        add: (match) => void found.push({ token: secrets.facts(match), confidence: match.confidence, byteOffset: at }),
        report,
        undecoded,
      }),
    );
    if (run === null) continue;
    next = at + run.push(bytes.subarray(at));
    await run.end();
  }
  return found;
}

/** The document with what is found in such strings; damage in them is counted, bounds are reported. */
export async function searchPackedStrings(
  document: JsonDocument,
  bytes: Buffer,
  settings: Omit<Settings, "undecoded">,
): Promise<JsonDocument> {
  if (packedPlaces(memoryContent(bytes)).next().done === true) return document;
  const counts: Record<string, number> = {};
  const undecoded = (kind: string): void => void (counts[kind] = (counts[kind] ?? 0) + 1);
  const hits = new Map<string, JsonHit>();
  const unseen = new Map<string, JsonHit>();
  for (const { byteOffset, ...found } of await searchText(bytes, { ...settings, undecoded })) {
    const line = bytes.toString("latin1", 0, byteOffset).split("\n").length;
    unseen.set(found.token.sha256, { ...found, pointer: null, byteOffset, line });
  }
  const places = new Map(unseen);
  const strings: { readonly text: string; readonly pointer: string }[] = [];
  eachString(document.value, (text, pointer) => void strings.push({ text, pointer }));
  for (const { text, pointer } of strings) {
    for (const found of await searchText(Buffer.from(text, "utf8"), { ...settings, undecoded: () => {} })) {
      const { byteOffset = null, line = null } = places.get(found.token.sha256) ?? {};
      hits.set(`${found.token.sha256} ${pointer}`, { ...found, pointer, byteOffset, line });
      unseen.delete(found.token.sha256);
    }
  }
  const isNew = ({ token, pointer }: JsonHit): boolean =>
    !document.hits.some((hit) => hit.token.sha256 === token.sha256 && (pointer === null || hit.pointer === pointer));
  return {
    ...document,
    hits: [...document.hits, ...[...hits.values(), ...unseen.values()].filter(isNew)],
    undecoded: counts,
  };
}
