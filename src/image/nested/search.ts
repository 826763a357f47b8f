/**
 * Searches what a file of a layer holds in archives within archives: opens what is recognised by its first bytes, hands
 * each member's bytes to the search for tokens, and goes on below it. Knows no format; ends within its bounds.
 */

import { setImmediate } from "node:timers/promises";
import { findTokens } from "../../token/match.ts";
import { READ_BYTES, type BufferedReader } from "../byte-reader.ts";
import type { Limits } from "../limits.ts";
import { BoundReached, createBudget } from "./budget.ts";
import { memoryContent, readerOf, type Content } from "./content.ts";
import { createFinds, type NestedFinds } from "./finds.ts";
import { HEAD_BYTES, isClosed, isZipMember, kindOf, type Kind } from "./kind.ts";
import { giveBack, takeMemberSearch, type AskInside, type Found, type MemberSearch } from "./member-search.ts";
import { openerOf } from "./openers.ts";
import { createSpool, type Spool } from "./spool.ts";
import type { MemberName, Visitor } from "./visitor.ts";

/** What a search is told beside the bytes. */
export interface NestedOptions {
  readonly limits: Limits;
  readonly isStopped: () => boolean;
  /** Search without vector instructions, which finds the same. */
  readonly simd?: boolean;
}

/** Searches nested content of one layer, file by file; all share their bounds. */
export interface NestedSearch {
  /** What is inside of a file of this kind; the file's own bytes were searched by the caller. */
  readonly search: (content: Content, kind: Kind, path: string) => Promise<NestedFinds>;
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

  const search: NestedSearch["search"] = async (top, topKind, path) => {
    const finds = createFinds(limits.maxHits);
    const searches: MemberSearch[] = [];
    const searchAt = (level: number): MemberSearch => (searches[level] ??= takeMemberSearch(options));
    const open = async (
      content: Content,
      kind: Kind,
      name: string,
      within: () => readonly string[],
      level: number,
    ): Promise<void> => {
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
        await opener(content, visitor(within, level), name);
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

    const visitor = (within: () => readonly string[], level: number): Visitor => {
      const before = finds.count();
      let name: MemberName = "";
      let full: readonly string[] | null = null;
      const place = (): readonly string[] => (full ??= [...within(), nameOf(name)]);
      const found: Found = (match, byteOffset, line) => finds.add(match, place(), byteOffset, line);
      const enter = (next: MemberName): void => {
        name = next;
        full = null;
      };
      /** What a packed member is called when it is unpacked comes from its own name, if it has one. */
      const ownName = (): string => (typeof name === "string" ? name : "");
      /** What a member that nothing else was made of holds from its first sign of a zip on. */
      let inside: Spool | null = null;
      const ask: AskInside = (head) => {
        if (!isZipMember(head)) return null;
        inside = createSpool(null);
        return inside.write;
      };
      const openInside = async (spool: Spool): Promise<void> => {
        inside = null;
        try {
          await open(spool.content(), "zip-inside", ownName(), place, level + 1);
        } finally {
          spool.close();
        }
      };
      /** Goes into a member whose own bytes were searched. */
      const below = (content: Content, kind: Kind | null): Promise<void> | null => {
        if (kind !== null) return open(content, kind, ownName(), place, level + 1);
        if (inside !== null) return openInside(inside);
        return budget.isPauseDue() ? setImmediate() : null;
      };
      const feed = async (
        reader: BufferedReader,
        kind: Kind | null,
        keep: (bytes: Uint8Array) => void = () => undefined,
      ): Promise<void> => {
        const buffer = new Uint8Array(READ_BYTES);
        const into = searchAt(level);
        into.begin(found, kind === null ? ask : null);
        try {
          for (;;) {
            const count = await reader.read(buffer);
            if (count === 0) break;
            budget.spend(count);
            const bytes = buffer.subarray(0, count);
            keep(bytes);
            into.write(bytes);
            if (budget.isPauseDue()) await setImmediate();
          }
          into.end();
        } catch (error) {
          inside?.close();
          inside = null;
          throw error;
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
          const kind = kindOf(bytes.subarray(0, HEAD_BYTES), bytes.length);
          searchAt(level).whole(bytes, found, kind === null ? ask : null);
          return below(memoryContent(bytes), kind);
        },
        stored: (next, content) => {
          if (content.bytes !== null) return self.bytes(next, content.bytes);
          return (async () => {
            budget.member();
            enter(next);
            const reader = readerOf(content);
            const kind = kindOf(await reader.peek(HEAD_BYTES), content.size);
            await feed(reader, kind);
            await below(content, kind);
          })();
        },
        stream: async (next, reader, expected) => {
          budget.member();
          enter(next);
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
            await open(spool.content(), kind, ownName(), place, level + 1);
          } finally {
            spool.close();
          }
        },
        text: (owner, text) => {
          if (text.length < MIN_BYTES) return;
          for (const match of findTokens(text)) finds.add(match, [...within(), nameOf(owner)], null, null);
        },
        undecoded: finds.undecoded,
        rename: (names) => {
          const places = new Set<string>();
          const outer = within();
          finds.change(before, (hit) => {
            const old = hit.within[outer.length] ?? "";
            const renamed = names.get(old);
            if (renamed === undefined) return hit;
            const rest = hit.within.slice(outer.length + 1);
            const key = [hit.match.value, renamed.place, ...rest].join("\0");
            if (places.has(key)) return null;
            places.add(key);
            return { ...hit, within: [...outer, ...renamed.name, ...rest] };
          });
        },
      };
      return self;
    };

    budget.open(top.size);
    try {
      await open(top, topKind, path.slice(path.lastIndexOf("/") + 1), () => [], 1);
    } catch (error) {
      if (!(error instanceof BoundReached)) throw error;
      finds.report(error.problem);
    } finally {
      for (const used of Object.values(searches)) giveBack(used, options);
    }
    return finds.result();
  };
  return { search };
}
