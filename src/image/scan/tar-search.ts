/** What tokens in a tar's stream belong to: joins the cursor over headers, the recorder of entries and the lines. */

import { findTokens, type TokenMatch } from "../../token/match.ts";
import { beginningsOf } from "../beginnings.ts";
import { createEntryRecorder } from "./entry-recorder.ts";
import type { HitPart, Place, StreamFacts } from "../hit.ts";
import { createLineCounter } from "./line-counter.ts";
import { sparseMapInBody, sparseOffset } from "../pax.ts";
import type { Report } from "../problem.ts";
import type { ScanOptions } from "./scan-options.ts";
import { createTaps, type TapSink, type TextPlace } from "./tap.ts";
import { createTarCursor, type TarCursor } from "./tar-cursor.ts";
import { headerFields, type TarWalk } from "../tar-walk.ts";
import type { TokenWindow, WindowClient } from "./token-window.ts";

/** A search over one stream. */
export interface StreamSearch extends WindowClient {
  /** The window is about to drop what stands before `keepFrom`; with `isLast` the stream is over. */
  readonly pass: (keepFrom: number, isLast: boolean) => void;
  /** Waits for what is done with the content of files that have passed; null when there is nothing to wait for. */
  readonly settle: (isLast: boolean) => Promise<void> | null;
  /** Where the entry begins that `stopAt` names; null while there was none. */
  readonly stoppedAt: () => number | null;
  /** Everything that was learned beside the tokens; `end` is the length of the stream. */
  readonly finish: (end: number) => Pick<StreamFacts, "index" | "captured" | "files" | "undecoded">;
}

/** The offset in the entry's file of an offset in the stream; the two differ by holes when the file is sparse. */
function offsetInFile(cursor: TarCursor, window: TokenWindow, offset: number): number | null {
  const { sparse, isMapInBody } = cursor.walk;
  const stored = offset - cursor.dataFrom();
  if (isMapInBody) {
    const from = cursor.dataFrom() - window.base();
    const head = from < 0 ? null : sparseMapInBody(window.buffer.subarray(from, window.end() - window.base()));
    return head === null || stored < head.bytes ? null : sparseOffset(head.map, stored - head.bytes);
  }
  return sparse === null ? stored : sparseOffset(sparse, stored);
}

/** What is found in bytes that belong to no entry. What cannot be decoded there is a gap: nobody puts it there by chance. */
function strayOf(report: Report, add: (match: TokenMatch, place: Place) => void): TapSink {
  return {
    add: (match, place) => add(match, { part: "gap", path: "", ordinal: -1, ...place }),
    report,
    undecoded: (kind) =>
      report({
        why: "undecoded",
        detail: `between or behind its files stands something that could not be decoded (${kind}); raw bytes were searched`,
      }),
  };
}

const NO_BEGINNINGS = beginningsOf([]);

/** A search over the tar in the window's stream; `add` gets each token and its place. */
export function createTarSearch(
  window: TokenWindow,
  { limits, nested, stopAt }: ScanOptions,
  report: Report,
  add: (match: TokenMatch, place: Place) => void,
): StreamSearch {
  const recorder = createEntryRecorder(report);
  window.entrySkip?.beginnings.set(nested?.beginnings ?? NO_BEGINNINGS);
  const lines = createLineCounter(window);
  let isGap = false;
  const taps = nested === undefined ? null : createTaps(window, nested);
  const nestedUndecoded: Record<string, number> = {};

  /** What is found in the content of the current entry; holds beyond it. */
  const sinkOfEntry = (): TapSink => {
    const ordinal = recorder.ordinal();
    const path = recorder.path();
    return {
      add: (match, place) => add(match, { part: "content", path, ordinal, ...place }),
      report,
      undecoded: (kind) => void (nestedUndecoded[kind] = (nestedUndecoded[kind] ?? 0) + 1),
    };
  };

  const sinkOfStray = (): TapSink => strayOf(report, add);

  const inText = (text: string, part: HitPart, path: string, ordinal: number): void => {
    for (const match of findTokens(text)) add(match, { part, path, within: [], ordinal, byteOffset: null, line: null });
  };
  const inPayloads = (payloads: readonly Uint8Array[], path: string, ordinal: number): void => {
    for (const payload of payloads) inText(Buffer.from(payload).toString("latin1"), "pax", path, ordinal);
  };
  /** What stands in a header beside the name and the link, such as behind the zero that ends them. */
  const inRest = (header: Uint8Array, walk: TarWalk, path: string, ordinal: number): void => {
    const told = findTokens(`${walk.name(header, 0).toString("utf8")}\n${walk.link(header, 0).toString("utf8")}`);
    for (const match of findTokens(Buffer.from(headerFields(header, 0)).toString("latin1"))) {
      if (!told.some(({ value }) => value === match.value))
        add(match, { part: "pax", path, within: [], ordinal, byteOffset: null, line: null });
    }
  };
  const cursor = createTarCursor(window, limits, report, {
    skipped: recorder.skipped,
    entry: (walk: TarWalk, header: Uint8Array, dataFrom: number) => {
      const path = recorder.entry(walk, header, 0, dataFrom);
      if (stopAt?.has(path) === true) return false;
      lines.begin(dataFrom, dataFrom + walk.size);
      taps?.pass();
      // What is stored of a sparse file is the file without its holes, unless its map stands before it.
      if (walk.size > 0 && !walk.isMapInBody) taps?.begin(dataFrom, walk.size, recorder.path, sinkOfEntry);
      return true;
    },
    metaCandidate: (walk, header, payloads) => {
      inText(walk.name(header, 0).toString("utf8"), "name", recorder.path(), recorder.ordinal());
      inText(walk.link(header, 0).toString("utf8"), "link", recorder.path(), recorder.ordinal());
      inPayloads(payloads, recorder.path(), recorder.ordinal());
      inRest(header, walk, recorder.path(), recorder.ordinal());
    },
    orphans: (payloads) => inPayloads(payloads, "", -1),
    stray: (from, to) => taps?.stray(from, to, sinkOfStray),
    strayEnd: () => taps?.strayEnd(),
  });
  const placeInFile = (at: number): TextPlace => {
    const isSparse = cursor.walk.sparse !== null || cursor.walk.isMapInBody;
    return { byteOffset: offsetInFile(cursor, window, at), line: isSparse ? null : lines.lineAt(at) };
  };
  return {
    partAt: (at, isLast) => {
      cursor.advance(at, isLast);
      const part = cursor.partAt(at, isLast);
      if (part === "later") return part;
      isGap = part.kind === "gap";
      if (part.kind !== "meta") return part;
      cursor.noteMeta();
      return null;
    },
    found: (match, from) => {
      if (isGap) {
        add(match, { part: "gap", path: "", within: [], ordinal: -1, byteOffset: from, line: null });
        return;
      }
      const [path, ordinal] = [recorder.path(), recorder.ordinal()];
      add(match, { part: "content", path, within: [], ordinal, ...placeInFile(from) });
    },
    marked: (at) => {
      if (isGap) taps?.mark(at, () => "", sinkOfStray);
      else taps?.mark(at, recorder.path, sinkOfEntry);
    },
    packed: (at, to) => {
      if (isGap)
        taps?.run(
          at,
          to,
          () => ({ byteOffset: at, line: null }),
          () => "",
          sinkOfStray,
        );
      else taps?.run(at, to, () => placeInFile(at), recorder.path, sinkOfEntry);
    },
    pass: (keepFrom, isLast) => {
      cursor.advance(Number.POSITIVE_INFINITY, isLast);
      taps?.pass();
      recorder.capture(window);
      lines.pass(keepFrom);
    },
    settle: (isLast) => taps?.settle(isLast) ?? null,
    stoppedAt: cursor.stoppedAt,
    finish: (end) => {
      cursor.finish(end);
      const idle = recorder.idleSizes();
      const captured = recorder.captured();
      const undecoded = { ...nestedUndecoded, ...(idle === 0 ? {} : { "link-with-size": idle }) };
      return { index: recorder.index, captured, files: recorder.files(), undecoded };
    },
  };
}
