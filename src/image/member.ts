/**
 * One member of an archive, or file of a folder: told by its content, read once, and kept as facts. What it is for is
 * decided afterwards, since an archive may name its members before or after them.
 */

import { createHash } from "node:crypto";
import { buffered, readAll, readChunks, type BufferedReader } from "./byte-reader.ts";
import { isCapturedPath } from "./captured-names.ts";
import { compressionOf, unwrap } from "./decompress.ts";
import { MAX_CAPTURED_BYTES, type Hit, type StreamFacts } from "./hit.ts";
import { beginsLikeJson, parseJson, type JsonDocument } from "./json-document.ts";
import { searchPacked } from "./packed-search.ts";
import { searchPackedStrings } from "./packed-strings.ts";
import { absolutePath } from "./path-hash.ts";
import { createProblems, type Problem } from "./problem.ts";
import { IDLE_WINDOWS } from "./scan/idle.ts";
import type { ScanOptions } from "./scan/scan-options.ts";
import type { StreamScanner } from "./scan/stream-scan.ts";
import type { EntryType } from "./tar-walk.ts";

/** What is known of a member before its content is read. */
export interface MemberHead {
  /** Without a leading `./` or `/`. */
  readonly name: string;
  readonly type: EntryType;
  readonly size: number;
  /** Where a link points; empty for others. */
  readonly link: string;
}

/** A member that was read. */
export interface Member extends MemberHead {
  /** For JSON that could be parsed. */
  readonly json: JsonDocument | null;
  /** For everything else that has content. */
  readonly stream: StreamFacts | null;
  /** Content as Latin-1, where the path says that it matters; null for all others. Raw. */
  readonly captured: string | null;
  readonly problems: readonly Problem[];
  /** SHA-256 of the stored bytes; null unless asked for. */
  readonly digest: string | null;
}

/** A member of which nothing is known but its head. */
export function bareMember(head: MemberHead): Member {
  return { ...head, json: null, stream: null, captured: null, problems: [], digest: null };
}

/** How members are read: one scanner, and how much JSON may still be kept. */
export interface MemberReader {
  readonly read: (head: MemberHead, body: BufferedReader & { readonly left: () => number }) => Promise<Member>;
}

function hashing(body: BufferedReader): { readonly reader: BufferedReader; readonly digest: () => Promise<string> } {
  const hash = createHash("sha256");
  const reader = buffered({
    read: async (into) => {
      const count = await body.read(into);
      hash.update(into.subarray(0, count));
      return count;
    },
  });
  return {
    reader,
    digest: async () => {
      while ((await reader.skip(1_048_576)) > 0) continue;
      return `sha256:${hash.digest("hex")}`;
    },
  };
}

/** What a compression is told by. */
const MAGIC_BYTES = 10;

function fromBytes(bytes: Uint8Array): BufferedReader {
  async function* once(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  return buffered(readChunks(once()));
}

/** A reader of members that shares one scanner and one bound for all JSON. */
export function createMemberReader(scanner: StreamScanner, options: ScanOptions): MemberReader {
  const { limits, secrets } = options;
  let jsonLeft = limits.maxJsonTotalBytes;

  /** The content unpacked and, where it is packed, a second look at the packed bytes for what unpacking does not show. */
  const scanned = async (
    reader: BufferedReader,
    size: number,
    report: (problem: Problem) => void,
  ): Promise<StreamFacts> => {
    if (compressionOf(await reader.peek(MAGIC_BYTES)) === null) return scanner.scan(reader, [], { ...options, size });
    const hits: Hit[] = [];
    const window = IDLE_WINDOWS.take({});
    const packed = searchPacked(reader, window, (match, byteOffset) => {
      const { confidence } = match;
      hits.push({
        token: secrets.facts(match),
        confidence,
        part: "gap",
        path: "",
        within: [],
        ordinal: -1,
        byteOffset,
        line: null,
      });
    });
    const { reader: inner, encodings } = await unwrap(packed.reader, limits, report);
    const facts = await scanner.scan(inner, encodings, options);
    if (!options.isStopped()) {
      await packed.finish();
      IDLE_WINDOWS.giveBack(window, {});
    }
    const known = new Set(facts.hits.map(({ token }) => token.sha256));
    return { ...facts, hits: [...facts.hits, ...hits.filter(({ token }) => !known.has(token.sha256))] };
  };

  const readContent = async (
    head: MemberHead,
    body: BufferedReader,
    report: (problem: Problem) => void,
  ): Promise<Pick<Member, "json" | "stream" | "captured">> => {
    if (head.size === 0) return { json: null, stream: null, captured: null };
    const isCaptured = head.size <= MAX_CAPTURED_BYTES && isCapturedPath(absolutePath(head.name));
    const mayBeJson = head.size <= Math.min(limits.maxJsonBytes, jsonLeft) && beginsLikeJson(await body.peek(64));
    if (!isCaptured && !mayBeJson)
      return { json: null, stream: await scanned(body, head.size, report), captured: null };
    const bytes = (await readAll(body, head.size)) ?? Buffer.alloc(0);
    const parsed = mayBeJson ? parseJson(bytes, secrets) : null;
    const opener = options.nested;
    const isBare = parsed === null || opener === undefined;
    const json = isBare ? parsed : await searchPackedStrings(parsed, bytes, { opener, secrets, report });
    if (json !== null) jsonLeft -= bytes.length;
    const stream = json === null || isCaptured ? await scanned(fromBytes(bytes), head.size, report) : null;
    return { json, stream, captured: isCaptured ? bytes.toString("latin1") : null };
  };

  return {
    read: async (head, body) => {
      const problems = createProblems();
      const hashed = options.hash && head.size > 0 ? hashing(body) : null;
      const content = await readContent(head, hashed?.reader ?? body, problems.report);
      const digest = hashed === null ? null : await hashed.digest();
      await body.skip(body.left());
      if (body.left() > 0)
        problems.report({ why: "truncated", detail: "the archive ends in the middle of this member" });
      return { ...head, ...content, problems: [...problems.list, ...(content.stream?.problems ?? [])], digest };
    },
  };
}
