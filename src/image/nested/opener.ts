/** Opens archives that are files of a layer: keeps their bytes as they pass, and searches them once they are there. */

import { errorCode } from "../../model/errors.ts";
import type { RunTap } from "../scan/run-taps.ts";
import type { NestedOpener, Tap, TapSink, TextPlace } from "../scan/tap.ts";
import type { Content } from "./content.ts";
import { BEGINNINGS, isZipMember, kindOf, type Kind } from "./kind.ts";
import { createTextRun, packedText } from "./packed-text.ts";
import { createNestedSearch, type NestedOptions, type NestedSearch } from "./search.ts";
import { createSpool, type Spool } from "./spool.ts";

/** What is kept: of which kind and name, where it stands if it is a part of a file, and who is told of it. */
interface Kept {
  readonly kind: Kind;
  readonly name: string;
  readonly place: TextPlace | null;
  readonly sink: TapSink;
}

async function searchInto(search: NestedSearch, content: Content, { kind, name, place, sink }: Kept): Promise<void> {
  const { hits, undecoded, problems } = await search.search(content, kind, name, place);
  for (const { match, within, byteOffset, line } of hits) sink.add(match, { within, byteOffset, line });
  for (const [undecodedKind, count] of Object.entries(undecoded)) {
    for (let i = 0; i < count; i++) sink.undecoded(undecodedKind);
  }
  for (const problem of problems)
    sink.report({ ...problem, detail: name === "" ? problem.detail : `${name}: ${problem.detail}` });
}

/** An opener for the files of one layer, which share their bounds. */
export function createNestedOpener(options: NestedOptions): NestedOpener {
  const search = createNestedSearch(options);
  const keep = (kept: Kept, spool: Spool, write: (bytes: Uint8Array) => number): RunTap => {
    let failure: string | null = null;
    return {
      push: (bytes) => {
        if (failure !== null) return 0;
        try {
          return write(bytes);
        } catch (error) {
          failure = errorCode(error) ?? "unknown";
          spool.close();
          return 0;
        }
      },
      end: async () => {
        try {
          if (failure === null) await searchInto(search, spool.content(), kept);
          else {
            const { name, sink } = kept;
            const detail = `${name === "" ? "" : `${name}: `}an archive could not be kept in a temporary file (${failure})`;
            sink.report({ why: "unreadable", detail });
          }
        } finally {
          spool.close();
        }
      },
      drop: spool.close,
    };
  };
  const tapOf = (kind: Kind, size: number, name: string, sink: TapSink): Tap => {
    const spool = createSpool(Number.isFinite(size) ? size : null);
    return keep({ kind, name, place: null, sink }, spool, (bytes) => {
      spool.write(bytes);
      return bytes.length;
    });
  };
  return {
    beginnings: BEGINNINGS,
    open: (head, size, path, sink) => {
      const kind = kindOf(head, size);
      return kind === null ? null : tapOf(kind, size, path(), sink());
    },
    openInside: (head, size, path, sink) => (isZipMember(head) ? tapOf("zip-inside", size, path(), sink()) : null),
    openRun: (head, place, path, sink) => {
      if (packedText(head) === null) return null;
      const { spool, push } = createTextRun();
      return keep({ kind: "packed-text", name: path(), place: place(), sink: sink() }, spool, push);
    },
  };
}
