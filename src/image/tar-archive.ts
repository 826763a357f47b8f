/**
 * Reads the members of a tar from the outside: one pass, in any order, whatever stands between and behind them. Hands
 * each member's content on; keeps nothing but extended headers within their bound.
 */

import { buffered, skipZeros, stretch, type BufferedReader } from "./byte-reader.ts";
import type { Limits } from "./limits.ts";
import type { MemberHead } from "./member.ts";
import type { Report } from "./problem.ts";
import { BLOCK, isTarHeader, isZeroBlock } from "./tar-header.ts";
import { createTarWalk, headerFields, padded } from "./tar-walk.ts";

/** What is called so belongs to no member. */
export const BETWEEN_MEMBERS = "(between members)";

/** The content of a member. */
export type Body = BufferedReader & { readonly left: () => number };

/** What is done with what the tar holds. */
export interface TarVisitor {
  /** `offset` is that of the content in the tar. */
  readonly member: (head: MemberHead, body: Body, offset: number) => Promise<void>;
  /** The header of the member that comes next, and what stands before it: extended headers, more of a sparse map. */
  readonly meta: (payload: Uint8Array) => void;
  /** Bytes that belong to no member: damage, padding that is not zeros, what stands behind the end. */
  readonly stray: (body: BufferedReader, offset: number) => Promise<void>;
  /**
   * Asked before each member: takes all that follows at once, and resolves to true; false when what follows comes as
   * members. What it leaves in the reader is read on, member by member.
   */
  readonly takeRest?: (reader: BufferedReader) => Promise<boolean>;
  /** True when no more is wanted. */
  readonly isStopped: () => boolean;
}

/** A member's name as manifests spell it. */
export function memberName(raw: string): string {
  return raw.replace(/^(?:\.?\/+)+/, "").replace(/\/+$/, "");
}

/**
 * The rest of a block, and blocks up to the next header, or to zeros, which may end the archive; behind its end they end
 * nothing.
 */
function strayBlocks(reader: BufferedReader, isPastEnd: boolean, rest: number): BufferedReader {
  let left = rest;
  return buffered({
    read: async (into) => {
      if (left === 0) {
        const block = await reader.peek(BLOCK);
        const isEnd = isTarHeader(block) || (!isPastEnd && block.length === BLOCK && isZeroBlock(block, 0));
        if (isEnd) return 0;
        left = block.length;
      }
      const count = await reader.read(into.subarray(0, left));
      left -= count;
      return count;
    },
  });
}

/** Visits everything in a tar. Problems of the tar itself are reported, those of members are the visitor's. */
export async function readTar(
  reader: BufferedReader,
  limits: Limits,
  report: Report,
  visitor: TarVisitor,
): Promise<void> {
  const walk = createTarWalk();
  const header = new Uint8Array(BLOCK);
  let isSplit = false;
  let isPending = false;
  let entries = 0;

  const reportNoHeader = (): void =>
    report({ why: "corrupt", detail: "the archive has a block that is no header where one must be" });
  const strayed = async (body: BufferedReader & { left?: () => number }): Promise<void> => {
    const from = reader.offset();
    const zeros = await skipZeros(body);
    if ((await body.peek(1)).length > 0) await visitor.stray(body, from + zeros);
    while ((await body.skip(1_048_576)) > 0) continue;
  };
  // Padding is no piece of its own: what begins in it can go on behind it.
  const readStray = async (padding: number): Promise<void> => {
    const end = reader.offset() + padding;
    await strayed(strayBlocks(reader, walk.isPastEnd, padding));
    if (reader.offset() > end && !walk.isPastEnd) reportNoHeader();
  };
  const readMeta = async (): Promise<boolean> => {
    const body = stretch(reader, walk.size);
    if (walk.size > limits.maxNameBytes) {
      walk.meta(null);
      report({
        why: "limit",
        detail: `an extended header of ${walk.size} bytes is above the limit of ${limits.maxNameBytes} (--max-name-bytes)`,
      });
      await strayed(body);
    } else {
      const payload = new Uint8Array(padded(walk.size));
      for (let got = 0; got < payload.length;) {
        const count = await reader.read(payload.subarray(got));
        if (count === 0) {
          visitor.meta(payload);
          return false;
        }
        got += count;
      }
      visitor.meta(payload);
      if (!walk.meta(payload.subarray(0, walk.size)))
        report({ why: "corrupt", detail: "an extended header of the archive cannot be read" });
      return true;
    }
    await reader.skip(padded(walk.size) - walk.size);
    return body.left() === 0;
  };
  const readMember = async (): Promise<boolean> => {
    const { size, type } = walk;
    const link = type === "hard-link" || type === "symbolic-link" ? walk.link(header, 0).toString("utf8") : "";
    const offset = reader.offset();
    const body = stretch(reader, size);
    await visitor.member({ name: memberName(walk.name(header, 0).toString("utf8")), type, size, link }, body, offset);
    if (body.left() > 0) return false;
    const padding = padded(size) - size;
    if ((await reader.peek(padding)).some((byte) => byte !== 0)) await readStray(padding);
    else await reader.skip(padding);
    return true;
  };

  for (;;) {
    const block = await reader.peek(BLOCK);
    if (visitor.isStopped()) {
      report({ why: "aborted", detail: "stopped before the end of the archive was reached" });
      return;
    }
    if (!isPending && !isSplit && block.length === BLOCK && (await visitor.takeRest?.(reader)) === true) {
      if ((await reader.peek(1)).length === 0) return;
      continue;
    }
    if (block.length < BLOCK) {
      const isCut = (block.length > 0 && !walk.isPastEnd) || isPending;
      if (isCut) report({ why: "truncated", detail: "the archive ends in the middle of a header" });
      else if (!walk.hasEnd)
        report({ why: "truncated", detail: "the archive has no end mark, so more of it may be missing" });
      if (block.length > 0) await strayed(strayBlocks(reader, walk.isPastEnd, 0));
      return;
    }
    const step = walk.take(block, 0);
    if (step === "bad") {
      if (isTarHeader(block)) {
        // Its size is impossible, so it leads nowhere.
        if (!walk.isPastEnd) reportNoHeader();
        visitor.meta(headerFields(block, 0));
        await reader.skip(BLOCK);
      } else await readStray(0);
      isPending = isSplit = false;
      continue;
    }
    if (!isSplit) header.set(block);
    if (step !== "zero") visitor.meta(isSplit ? block.slice() : headerFields(block, 0));
    isSplit = step === "more";
    await reader.skip(BLOCK);
    if (step === "zero" || step === "more") continue;
    isPending = step === "meta";
    if (step === "entry" && ++entries > limits.maxEntries) {
      report({ why: "limit", detail: `the archive has more than ${limits.maxEntries} members (--max-entries)` });
      return;
    }
    if (!(await (step === "meta" ? readMeta() : readMember()))) {
      report({ why: "truncated", detail: "the archive ends in the middle of a member" });
      return;
    }
  }
}
