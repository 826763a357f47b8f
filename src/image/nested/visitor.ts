/** What the reader of an archive hands its members to: the contract between formats and the search. */

import type { BufferedReader } from "../byte-reader.ts";
import type { Limits } from "../limits.ts";
import type { Report } from "../problem.ts";
import type { Budget } from "./budget.ts";
import type { Content } from "./content.ts";

/** What a member is called; a function where making the name costs something and is seldom wanted. */
export type MemberName = string | (() => string);

/** Takes the members of one archive, in any order. Everything that returns a promise wants to be waited for. */
export interface Visitor {
  /** A member that is in memory as a whole. There is a promise only where there is something to wait for. */
  readonly bytes: (name: MemberName, bytes: Uint8Array) => Promise<void> | null;
  /** The same for what is no member but a part of one, such as a column; counts by its bytes only. */
  readonly piece: (name: MemberName, bytes: Uint8Array) => Promise<void> | null;
  /** A member that comes in order, of about `expected` bytes. What reading throws comes out of the promise. */
  readonly stream: (name: MemberName, reader: BufferedReader, expected: number | null) => Promise<void>;
  /** A member that stands in the archive as it is. */
  readonly stored: (name: MemberName, content: Content) => Promise<void> | null;
  /**
   * What text of this content unpacks to, when it is decoded in these ways, outermost first: no member, but a part of the
   * content, with the place of the text, which begins so many bytes and lines behind its start.
   */
  readonly decoded: (
    encodings: readonly string[],
    from: { readonly bytes: number; readonly lines: number },
    reader: BufferedReader,
  ) => Promise<void>;
  /** A name or another short text in which a token can stand; `owner` is the member that it belongs to. */
  readonly text: (owner: MemberName, text: string) => void;
  /** Something that cannot be decoded, by kind; its raw bytes were searched. */
  readonly undecoded: (kind: string) => void;
  /**
   * Better names for members in which something was found, once they are known; members with the same token and the
   * same `place` become one. What is not in `names` stays.
   */
  readonly rename: (names: ReadonlyMap<string, { readonly name: readonly string[]; readonly place: string }>) => void;
  /** Something that was not read: a gap. */
  readonly report: Report;
  readonly budget: Budget;
  readonly limits: Limits;
}

/** Reads one kind of archive. `name` is what the archive is called; damage is told to the visitor and not thrown. */
export type ArchiveReader = (content: Content, visitor: Visitor, name: string) => Promise<void>;

/** A report that passes limits on to the visitor and takes everything else for damage of what is read. */
export function damageOf({ report }: Visitor): { readonly report: Report; readonly isDamaged: () => boolean } {
  let isDamaged = false;
  return {
    report: (problem) => {
      if (problem.why === "limit") report(problem);
      else isDamaged = true;
    },
    isDamaged: () => isDamaged,
  };
}
