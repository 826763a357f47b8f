/**
 * Searches what a file of a layer holds in archives within archives: opens what is recognised by its first bytes, hands
 * each member's bytes to the search for tokens, and goes on below it. Knows no format; ends within its bounds.
 */

import { setImmediate } from "node:timers/promises";
import { findTokens, type TokenMatch } from "../../token/match.ts";
import { READ_BYTES, type BufferedReader } from "../byte-reader.ts";
import type { Limits } from "../limits.ts";
import type { TextPlace } from "../scan/tap.ts";
import { BoundReached, createBudget } from "./budget.ts";
import { memoryContent, readerOf, type Content } from "./content.ts";
import { createFinds, type NestedFinds } from "./finds.ts";
import { HEAD_BYTES, isClosed, isZipMember, kindOf, type Kind } from "./kind.ts";
import { giveBack, lend } from "./lent.ts";
import { IDLE_SEARCHES, type MemberClient, type MemberSearch } from "./member-search.ts";
import { openerOf } from "./openers.ts";
import { createTextRun, packedText } from "./packed-text.ts";
import { createSpool, type Spool } from "./spool.ts";
import type { MemberName, Visitor } from "./visitor.ts";
import { behind, type Way } from "./way.ts";

/** What a search is told beside the bytes. */
export interface NestedOptions {
  readonly limits: Limits;
  readonly isStopped: () => boolean;
  /** Search without vector instructions, which finds the same. */
  readonly simd?: boolean;
}

/** Searches nested content of one layer, file by file; all share their bounds. */
export interface NestedSearch {
  /**
   * What is inside of a file of this kind, or of a text at `place` of a file; the file's own bytes were searched by the
   * caller.
   */
  readonly search: (content: Content, kind: Kind, path: string, place: TextPlace | null) => Promise<NestedFinds>;
}

/** Fewer bytes than these hold no token, and no archive that holds one. */
const MIN_BYTES = 24;

function nameOf(name: MemberName): string {
  return typeof name === "string" ? name : name();
}

/** True for an error that is about the disk and not about what is read. */
function isFromDisk(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** A search with its own bounds. */
export function createNestedSearch(options: NestedOptions): NestedSearch {
  const { limits, isStopped } = options;
  const budget = createBudget(limits, isStopped);

  const search: NestedSearch["search"] = async (top, topKind, path, topPlace) => {
    const finds = createFinds(limits.maxHits);
    const searches: MemberSearch[] = [];
    const searchAt = (level: number): MemberSearch => (searches[level] ??= IDLE_SEARCHES.take(options));
    const tell = ({ within, encodings }: Way, match: TokenMatch, place: TextPlace): void => {
      const wrapped = encodings.length === 0 ? match : { ...match, encoding: [...encodings, ...match.encoding] };
      finds.add(wrapped, within(), place.byteOffset, place.line);
    };
    const open = async (content: Content, kind: Kind, name: string, way: Way, level: number): Promise<void> => {
      if (isClosed(kind)) {
        finds.undecoded(kind);
        return;
      }
      const opener = await openerOf(kind, content);
      if (opener === null) return;
      if (limits.maxDepth === 0) {
        finds.undecoded("not-opened");
        return;
      }
      if (level > limits.maxDepth) {
        const detail = `it holds archives more than ${limits.maxDepth} within one another (--depth); the innermost were searched as bytes`;
        finds.report({ why: "limit", detail });
        return;
      }
      try {
        await opener(content, visitor(way, level), name);
      } catch (error) {
        if (error instanceof BoundReached) throw error;
        if (isFromDisk(error)) {
          const detail = `an archive in it could not be kept in a temporary file (${String(error.code)})`;
          finds.report({ why: "unreadable", detail });
        } else {
          const what = error instanceof Error ? error.name : "unknown";
          const detail = `an archive in it (${kind}) could not be read (${what}); this is a bug of hullcheck, please report it`;
          finds.report({ why: "corrupt", detail });
        }
      }
    };

    const visitor = (outer: Way, level: number): Visitor => {
      const before = finds.count();
      let name: MemberName = "";
      let full: readonly string[] | null = null;
      const member: Way = {
        within: () => (full ??= [...outer.within(), nameOf(name)]),
        encodings: outer.encodings,
        place: null,
        isStretch: false,
      };
      /** The way to what is searched now: a member, or what a text was decoded to. */
      let way = member;
      const enter = (next: MemberName, wayTo: Way = member): void => {
        name = next;
        full = null;
        way = wayTo;
      };
      /** What a packed member is called when it is unpacked comes from its own name, if it has one. */
      const ownName = (): string => (typeof name === "string" ? name : "");
      /** What a member that nothing else was made of holds from its first sign of a zip on. */
      let inside: Spool | null = null;
      const searched: MemberClient = {
        found: (match, byteOffset, line) => tell(way, match, way.place ?? { byteOffset, line }),
        inside: (head) => {
          if (!isZipMember(head)) return null;
          inside = createSpool(null);
          return inside.write;
        },
        run: (head, byteOffset, line) => {
          if (packedText(head) === null) return null;
          const { within, encodings, place } = way;
          const names = within();
          const at = place ?? { byteOffset, line };
          const wayTo: Way = { within: () => names, encodings, place: at, isStretch: place === null };
          const { push, spool } = createTextRun();
          const end = async (): Promise<void> => {
            try {
              await open(spool.content(), "packed-text", "", wayTo, level + 1);
            } finally {
              spool.close();
            }
          };
          return { push, end, drop: spool.close };
        },
      };
      const packed: MemberClient = { ...searched, inside: null };
      const openInside = async (spool: Spool): Promise<void> => {
        inside = null;
        try {
          await open(spool.content(), "zip-inside", ownName(), way, level + 1);
        } finally {
          spool.close();
        }
      };
      /** Goes into a member whose own bytes were searched. */
      const below = (content: () => Content, kind: Kind | null): Promise<void> | null => {
        if (kind !== null) return open(content(), kind, ownName(), way, level + 1);
        if (inside !== null) return openInside(inside);
        return budget.isPauseDue() ? setImmediate() : null;
      };
      const feed = async (
        reader: BufferedReader,
        kind: Kind | null,
        keep: (bytes: Uint8Array) => void = () => undefined,
      ): Promise<void> => {
        const buffer = lend(READ_BYTES);
        const into = searchAt(level);
        into.begin(kind === null ? searched : packed);
        try {
          for (;;) {
            const count = await reader.read(buffer);
            if (count === 0) break;
            budget.spend(count);
            const bytes = buffer.subarray(0, count);
            keep(bytes);
            into.write(bytes);
            await into.settle();
            if (budget.isPauseDue()) await setImmediate();
          }
          into.end();
          await into.settle();
        } catch (error) {
          into.drop();
          inside?.close();
          inside = null;
          throw error;
        } finally {
          giveBack(buffer);
        }
      };
      const streamed = async (reader: BufferedReader, expected: number | null): Promise<void> => {
        budget.member();
        const kind = kindOf(await reader.peek(HEAD_BYTES), expected ?? Number.POSITIVE_INFINITY);
        if (kind === null || isClosed(kind)) {
          await feed(reader, kind);
          if (kind !== null) finds.undecoded(kind);
          else if (inside !== null) await openInside(inside);
          return;
        }
        const spool = createSpool(expected);
        try {
          await feed(reader, kind, spool.write);
          await open(spool.content(), kind, ownName(), way, level + 1);
        } finally {
          spool.close();
        }
      };
      const self: Visitor = {
        budget,
        limits,
        report: finds.report,
        bytes: (next, bytes) => {
          budget.member();
          return self.piece(next, bytes);
        },
        piece: (next, bytes) => {
          budget.spend(bytes.length);
          if (bytes.length < MIN_BYTES) return null;
          enter(next);
          const kind = kindOf(bytes, bytes.length);
          const into = searchAt(level);
          into.whole(bytes, kind === null ? searched : packed);
          const pending = into.settle();
          const content = (): Content => memoryContent(bytes);
          if (pending === null) return below(content, kind);
          return (async () => {
            await pending;
            await below(content, kind);
          })();
        },
        stored: (next, content) => {
          if (content.bytes !== null) return self.bytes(next, content.bytes);
          return (async () => {
            budget.member();
            enter(next);
            const reader = readerOf(content);
            const kind = kindOf(await reader.peek(HEAD_BYTES), content.size);
            await feed(reader, kind);
            await below(() => content, kind);
          })();
        },
        stream: (next, reader, expected) => {
          enter(next);
          return streamed(reader, expected);
        },
        decoded: (encodings, { bytes, lines }, reader) => {
          const { within, place, isStretch } = outer;
          const at = isStretch && place !== null ? behind(place, bytes, lines) : place;
          enter("", { within, encodings: [...outer.encodings, ...encodings], place: at, isStretch: false });
          return streamed(reader, null);
        },
        text: (owner, text) => {
          if (text.length < MIN_BYTES) return;
          const wayTo: Way = { ...member, within: () => [...outer.within(), nameOf(owner)] };
          for (const match of findTokens(text)) tell(wayTo, match, { byteOffset: null, line: null });
        },
        undecoded: finds.undecoded,
        rename: (names) => {
          const places = new Set<string>();
          const depth = outer.within().length;
          finds.change(before, (hit) => {
            const old = hit.within[depth] ?? "";
            const renamed = names.get(old);
            if (renamed === undefined) return hit;
            const rest = hit.within.slice(depth + 1);
            const key = [hit.match.value, renamed.place, ...rest].join("\0");
            if (places.has(key)) return null;
            places.add(key);
            return { ...hit, within: [...outer.within(), ...renamed.name, ...rest] };
          });
        },
      };
      return self;
    };

    budget.open(top.size);
    const wayTo: Way = { within: () => [], encodings: [], place: topPlace, isStretch: true };
    try {
      await open(top, topKind, path.slice(path.lastIndexOf("/") + 1), wayTo, 1);
    } catch (error) {
      if (!(error instanceof BoundReached)) throw error;
      finds.report(error.problem);
    } finally {
      for (const used of Object.values(searches)) IDLE_SEARCHES.giveBack(used, options);
    }
    return finds.result();
  };
  return { search };
}
