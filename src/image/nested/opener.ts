/** Opens archives that are files of a layer: keeps their bytes as they pass, and searches them once they are there. */

import type { NestedOpener, Tap, TapSink } from "../scan/tap.ts";
import type { Content } from "./content.ts";
import { FIRST_BYTES, isZipMember, kindOf, type Kind } from "./kind.ts";
import { createNestedSearch, type NestedOptions, type NestedSearch } from "./search.ts";
import { createSpool } from "./spool.ts";

async function searchInto(
  search: NestedSearch,
  content: Content,
  kind: Kind,
  path: string,
  sink: TapSink,
): Promise<void> {
  const { hits, undecoded, problems } = await search.search(content, kind, path);
  for (const { match, within, byteOffset, line } of hits) sink.add(match, { within, byteOffset, line });
  for (const [undecodedKind, count] of Object.entries(undecoded)) {
    for (let i = 0; i < count; i++) sink.undecoded(undecodedKind);
  }
  for (const problem of problems)
    sink.report({ ...problem, detail: path === "" ? problem.detail : `${path}: ${problem.detail}` });
}

/** An opener for the files of one layer, which share their bounds. */
export function createNestedOpener(options: NestedOptions): NestedOpener {
  const search = createNestedSearch(options);
  const tapOf = (kind: Kind, size: number, name: string, sink: TapSink): Tap => {
    const spool = createSpool(Number.isFinite(size) ? size : null);
    let failure: string | null = null;
    return {
      push: (bytes) => {
        if (failure !== null) return;
        try {
          spool.write(bytes);
        } catch (error) {
          failure = error instanceof Error && "code" in error ? String(error.code) : "unknown";
          spool.close();
        }
      },
      end: async () => {
        try {
          if (failure === null) await searchInto(search, spool.content(), kind, name, sink);
          else {
            const detail = `${name === "" ? "" : `${name}: `}an archive could not be kept in a temporary file (${failure})`;
            sink.report({ why: "unreadable", detail });
          }
        } finally {
          spool.close();
        }
      },
    };
  };
  return {
    firstBytes: FIRST_BYTES,
    open: (head, size, path, sink) => {
      const kind = kindOf(head, size);
      return kind === null ? null : tapOf(kind, size, path(), sink);
    },
    openInside: (head, size, path, sink) => (isZipMember(head) ? tapOf("zip-inside", size, path(), sink) : null),
  };
}
