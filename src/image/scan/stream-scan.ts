/**
 * Searches one unpacked stream, a tar or mere bytes, in one pass: tokens with their places, files that matter by where
 * they lie, and what each entry does to paths. Reads only what it is given and remembers no content but captured files.
 */

import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { TokenMatch } from "../../token/match.ts";
import type { BufferedReader } from "../byte-reader.ts";
import { createEntryIndex } from "../entry-index.ts";
import type { Hit, Place, StreamFacts } from "../hit.ts";
import { innermost } from "../nested/innermost.ts";
import { createLineCounter } from "./line-counter.ts";
import { createProblems, type Report } from "../problem.ts";
import { BLOCK, isTarHeader, isZeroBlock } from "../tar-header.ts";
import type { ScanOptions } from "./scan-options.ts";
import { createTarSearch, type StreamSearch } from "./tar-search.ts";
import { createTaps, type TapSink } from "./tap.ts";
import { createTokenWindow, type TokenWindow } from "./token-window.ts";

/** Scans streams, one after the other, with one window. */
export interface StreamScanner {
  readonly scan: (reader: BufferedReader, encodings: readonly string[], options: ScanOptions) => Promise<StreamFacts>;
}

/** How often progress is told. */
const PROGRESS_BYTES = 8_388_608;
/** The same for bytes that come slowly, a few at a time. */
const PROGRESS_READS = 1024;

const HEADERS_TOO_LONG =
  "an image begins among the files of a root filesystem, behind headers of more bytes than any writer makes; it was searched as files";

/** Collects hits: each token once per path and part. */
function createHits(
  options: ScanOptions,
  tell: (detail: string) => void,
): { list: Hit[]; add: (match: TokenMatch, place: Place) => void } {
  const list: Hit[] = [];
  const seen = new Set<string>();
  const add = (match: TokenMatch, place: Place): void => {
    const token = options.secrets.facts(match);
    const key = [
      token.sha256,
      place.part === "content" ? place.ordinal : `${place.part} ${place.path}`,
      ...place.within,
    ].join("\0");
    if (seen.has(key)) return;
    if (list.length >= options.limits.maxHits) {
      tell(`more than ${options.limits.maxHits} places with tokens; the others are not listed`);
      return;
    }
    seen.add(key);
    list.push({ token, confidence: match.confidence, ...place });
  };
  return { list, add };
}

function noPath(): string {
  return "";
}

/** The search of a stream that is no tar: one part, from start to end, which may hold something to open. */
function createByteSearch(
  window: TokenWindow,
  { nested, size = Number.POSITIVE_INFINITY }: ScanOptions,
  report: Report,
  add: (match: TokenMatch, place: Place) => void,
): StreamSearch {
  const lines = createLineCounter(window);
  const taps = nested === undefined ? null : createTaps(window, nested);
  const undecoded: Record<string, number> = {};
  const sink = (): TapSink => ({
    add: (match, place) => add(match, { part: "content", path: "", ordinal: 0, ...place }),
    report,
    undecoded: (kind) => void (undecoded[kind] = (undecoded[kind] ?? 0) + 1),
  });
  let isBegun = false;
  lines.begin(0, Number.POSITIVE_INFINITY);
  const begin = (): void => {
    if (isBegun) return;
    isBegun = true;
    taps?.begin(0, size, noPath, sink);
  };
  return {
    partAt: () => ({ from: 0, to: Number.POSITIVE_INFINITY }),
    found: (match, from) => {
      add(match, { part: "content", path: "", within: [], ordinal: 0, byteOffset: from, line: lines.lineAt(from) });
    },
    marked: (at) => {
      begin();
      taps?.mark(at, noPath, sink);
    },
    packed: (at, to) => taps?.run(at, to, () => ({ byteOffset: at, line: lines.lineAt(at) }), noPath, sink),
    pass: (keepFrom, isLast) => {
      if (window.end() > 0 && (isLast || window.end() >= BLOCK)) begin();
      taps?.pass();
      lines.pass(keepFrom);
    },
    settle: (isLast) => taps?.settle(isLast) ?? null,
    stoppedAt: () => null,
    finish: () => ({ index: createEntryIndex(), captured: [], files: 1, undecoded }),
  };
}

/** True when the stream is a tar, or an empty one: nothing but the zeros that end it. */
function beginsLikeTar(head: Uint8Array): boolean {
  return head.length === BLOCK && (isTarHeader(head) || isZeroBlock(head, 0));
}

/** A scanner with its own window. `simd: false` searches the slow way. */
export function createStreamScanner(settings: { readonly simd?: boolean } = {}): StreamScanner {
  const window = createTokenWindow(settings);
  const scan: StreamScanner["scan"] = async (reader, encodings, options) => {
    window.reset();
    const problems = createProblems();
    const hits = createHits(options, (detail) => problems.report({ why: "limit", detail }));
    const isTar = beginsLikeTar(await reader.peek(BLOCK));
    const search = isTar
      ? createTarSearch(window, options, problems.report, hits.add)
      : createByteSearch(window, options, problems.report, hits.add);
    const hash = options.hash ? createHash("sha256") : null;
    let told = 0;
    let reads = 0;
    let stoppedAt: number | null = null;
    for (;;) {
      const space = window.space();
      const count = await reader.read(space);
      hash?.update(space.subarray(0, count));
      window.commit(count, count === 0, search);
      search.pass(window.keptFrom(), count === 0);
      await search.settle(count === 0);
      stoppedAt = search.stoppedAt();
      if (count === 0 || stoppedAt !== null) break;
      window.shift();
      if (window.end() - told >= PROGRESS_BYTES || ++reads >= PROGRESS_READS) {
        reads = 0;
        options.progress(window.end() - told);
        told = window.end();
        // Files are read without waiting; signals and progress bars want their turn all the same.
        await setImmediate();
        if (options.isStopped()) {
          problems.report({ why: "aborted", detail: "stopped before its end was reached" });
          await search.settle(true);
          break;
        }
      }
    }
    options.progress(window.end() - told);
    if (stoppedAt !== null) {
      await search.settle(true);
      if (stoppedAt < window.base()) problems.report({ why: "limit", detail: HEADERS_TOO_LONG });
      else reader.unread(window.buffer.slice(stoppedAt - window.base(), window.end() - window.base()));
    }
    return {
      isTar,
      encodings,
      hits: innermost(hits.list),
      ...search.finish(window.end()),
      bytes: stoppedAt ?? window.end(),
      problems: problems.list,
      diffId: hash === null ? null : `sha256:${hash.digest("hex")}`,
    };
  };
  return { scan };
}
