/**
 * Reads one member of an archive that is a plain file, from the place where it stands: what every thread does with the
 * members that are worth sharing out. Reads by descriptor, so that it is the same file for all of them.
 */

import { buffered, failSafe, readFile, stretch } from "./byte-reader.ts";
import type { Limits } from "./limits.ts";
import { bareMember, createMemberReader, type Member, type MemberHead } from "./member.ts";
import { createNestedOpener } from "./nested/opener.ts";
import { createProblems, type Report } from "./problem.ts";
import type { ScanOptions } from "./scan/scan-options.ts";
import type { StreamScanner } from "./scan/stream-scan.ts";

/** A member to read. */
export interface MemberJob {
  readonly head: MemberHead;
  /** Where in the file its content begins. */
  readonly offset: number;
  /** How long it will take, as bytes of a member that is not packed. */
  readonly weight: number;
}

/** How members are read; plain values, which can be sent to a thread. */
export interface MemberSettings {
  readonly descriptor: number;
  readonly limits: Limits;
  readonly checkDigests: boolean;
  readonly simd: boolean;
}

/** What reading a member needs from the one who runs it. */
export interface MemberHost extends Pick<ScanOptions, "secrets" | "isStopped" | "progress"> {
  readonly scanner: StreamScanner;
  /** Bytes of the file were read. */
  readonly count: (bytes: number) => void;
}

/** A member of which nothing was read. */
export function unreadMember(head: MemberHead, problem: Parameters<Report>[0]): Member {
  return { ...bareMember(head), problems: [problem] };
}

/** Reads the member. What it opens in it has bounds of its own, so that members do not depend on one another. */
export async function readMemberAt(
  { head, offset }: MemberJob,
  { descriptor, limits, checkDigests, simd }: MemberSettings,
  { scanner, secrets, isStopped, progress, count }: MemberHost,
): Promise<Member> {
  if (isStopped()) return unreadMember(head, { why: "aborted", detail: "stopped before it was read" });
  const nested = createNestedOpener({ limits, isStopped, simd });
  const options: ScanOptions = { limits, secrets, hash: checkDigests, nested, progress, isStopped };
  const problems = createProblems();
  const body = stretch(buffered(failSafe(readFile(descriptor, offset), problems.report, count)), head.size);
  const member = await createMemberReader(scanner, options).read(head, body);
  return { ...member, problems: [...problems.list, ...member.problems] };
}
