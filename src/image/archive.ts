/**
 * Everything that an archive or folder holds, read once, as members; where a member is used is not known here. Bounded:
 * of the members of a root filesystem only those are kept that say something.
 */

import { opendir, open as openFile, lstat, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Confidence } from "../model/level.ts";
import type { TokenFacts } from "../model/finding.ts";
import { findTokens, type TokenMatch } from "../token/match.ts";
import { buffered, readChunks, readFile, stretch, type BufferedReader } from "./byte-reader.ts";
import { changeOf } from "./change.ts";
import { compressionOf } from "./decompress.ts";
import { beginsLikeJson } from "./json-document.ts";
import { bareMember, createMemberReader, type Member, type MemberHead } from "./member.ts";
import type { MemberJob } from "./member-at.ts";
import { createProblems, type Problem } from "./problem.ts";
import { createRootfsSign, IMAGE_FILES } from "./rootfs-sign.ts";
import type { ScanOptions } from "./scan/scan-options.ts";
import type { StreamScanner } from "./scan/stream-scan.ts";
import { SHARING } from "./sharing.ts";
import { BETWEEN_MEMBERS, readTar, type Body } from "./tar-archive.ts";

/** A token that stands in the archive itself: in a name, a link, an extended header, between members. */
export interface ArchiveHit {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
  /** The member's name; empty for what belongs to none. */
  readonly name: string;
  readonly byteOffset: number | null;
  readonly what: "name" | "link" | "extended header" | "bytes between members";
}

/** What an archive holds. */
export interface Archive {
  /** In the order of the archive. */
  readonly members: readonly Member[];
  /** Members by name; the last of a name counts, as it does for whoever unpacks the archive. */
  readonly byName: ReadonlyMap<string, Member>;
  readonly hits: readonly ArchiveHit[];
  /** What was taken for the entries of a root filesystem and read as a layer is; one of the members. */
  readonly rootfs: Member | null;
  readonly problems: readonly Problem[];
  readonly files: number;
  readonly bytes: number;
}

/** So many members are kept in any case: images have some hundreds, root filesystems any number. */
const MAX_PLAIN_MEMBERS = 20_000;
/** Headers before one member that are remembered together; a chain of them without a member may be of any length. */
const MAX_PAYLOADS = 1000;
/** Members of a folder deeper than this are not those of any image layout. */
const MAX_FOLDER_DEPTH = 8;

function saysSomething(member: Member): boolean {
  const { json, stream, captured, problems } = member;
  return (
    json !== null ||
    captured !== null ||
    problems.length > 0 ||
    stream?.isTar === true ||
    (stream?.hits.length ?? 0) > 0
  );
}

/** What it costs to unpack a byte and search what comes of it, in bytes that are only searched. */
const PACKED_WEIGHT = 30;

/** Reads members that were left for later; they come in the order of the jobs. */
export type ReadJobs = (jobs: readonly MemberJob[]) => Promise<Member[]>;

/** Collects members and the archive's own hits. */
function createCollector(scanner: StreamScanner, options: ScanOptions, readJobs: ReadJobs | null = null) {
  const reader = createMemberReader(scanner, options);
  const members: Member[] = [];
  const hits: ArchiveHit[] = [];
  const problems = createProblems();
  let files = 0;
  let bytes = 0;
  let payloads: Uint8Array[] = [];
  let payloadBytes = 0;
  const sign = createRootfsSign();
  let rootfs: Member | null = null;
  const addHits = (found: readonly TokenMatch[], name: string, what: ArchiveHit["what"]): void => {
    for (const match of found) {
      const token = options.secrets.facts(match);
      // A header holds the name and the link once more.
      if (hits.slice(-8).some((hit) => hit.name === name && hit.token.sha256 === token.sha256)) continue;
      if (hits.length >= options.limits.maxHits) return;
      hits.push({ token, confidence: match.confidence, name, byteOffset: null, what });
    }
  };
  const searchPayloads = (name: string): void => {
    for (const payload of payloads)
      addHits(findTokens(Buffer.from(payload).toString("latin1")), name, "extended header");
    payloads = [];
    payloadBytes = 0;
  };
  const jobs: { readonly job: MemberJob; readonly slot: number }[] = [];
  /** Leaves a member for later, where it can be read again: what is large and no JSON. */
  const postpone = async (head: MemberHead, body: BufferedReader, offset: number): Promise<boolean> => {
    if (readJobs === null || head.size < SHARING.minJobBytes) return false;
    const start = await body.peek(64);
    if (head.size <= options.limits.maxJsonBytes && beginsLikeJson(start)) return false;
    const weight = compressionOf(start) === null ? head.size : head.size * PACKED_WEIGHT;
    const slot = members.push(bareMember(head)) - 1;
    jobs.push({ job: { head, offset, weight }, slot });
    await body.skip(head.size);
    return true;
  };
  const member = async (head: MemberHead, body: Body, offset: number): Promise<void> => {
    addHits(findTokens(head.name), head.name, "name");
    if (head.link !== "") addHits(findTokens(head.link), head.name, "link");
    searchPayloads(head.name);
    sign.see(head.name);
    if (head.size > 0) files++;
    if (await postpone(head, body, offset)) return;
    const read = await reader.read(head, body);
    bytes += read.stream?.bytes ?? head.size;
    if (members.length < MAX_PLAIN_MEMBERS || saysSomething(read)) members.push(read);
  };
  const stray = async (body: BufferedReader, offset: number): Promise<void> => {
    const what = "bytes between members";
    const facts = await scanner.scan(body, [], options);
    for (const { token, confidence, path, within, byteOffset: at } of facts.hits) {
      const names = [...(path === "" ? [] : [path]), ...within];
      const byteOffset = names.length === 0 ? offset + (at ?? 0) : at;
      const name = names.length === 0 ? "" : [BETWEEN_MEMBERS, ...names].join(":");
      hits.push({ token, confidence, name, byteOffset, what });
    }
    for (const problem of facts.problems) problems.report(problem);
    for (const kind of Object.keys(facts.undecoded)) {
      const detail = `between or behind its members stands something that could not be decoded (${kind}); raw bytes were searched`;
      problems.report({ why: "undecoded", detail });
    }
  };
  /** The rest of a root filesystem is read as the layer that it is; files that only an image has end that. */
  const takeRest = async (rest: BufferedReader): Promise<boolean> => {
    // Without an opener each file has to be a member, or what is packed in it would not be unpacked.
    if (rootfs !== null || options.nested === undefined || !sign.isRootfs()) return false;
    const stream = await scanner.scan(rest, [], { ...options, stopAt: IMAGE_FILES });
    files += stream.files;
    bytes += stream.bytes;
    const head: MemberHead = { name: "", type: "file", size: stream.bytes, link: "" };
    rootfs = { ...bareMember(head), stream, problems: stream.problems };
    members.push(rootfs);
    return true;
  };
  const finish = async (): Promise<void> => {
    if (readJobs === null || jobs.length === 0) return;
    const read = await readJobs(jobs.map(({ job }) => job));
    for (const [i, { slot }] of jobs.entries()) {
      const one = read[i];
      if (one === undefined) continue;
      members[slot] = one;
      bytes += one.stream?.bytes ?? one.size;
    }
  };
  const archive = (): Archive => {
    searchPayloads("");
    const byName = new Map(members.map((item) => [item.name, item]));
    return { members, byName, hits, rootfs, problems: problems.list, files, bytes };
  };
  return {
    member,
    finish,
    stray,
    takeRest,
    isStopped: options.isStopped,
    meta: (payload: Uint8Array): void => {
      if (payloads.length >= MAX_PAYLOADS || payloadBytes > 4 * options.limits.maxNameBytes) searchPayloads("");
      payloads.push(payload);
      payloadBytes += payload.length;
    },
    problems,
    archive,
  };
}

/** Reads a tar. With `readJobs`, which can read them from the place where they stand, large members are left to it. */
export async function readTarArchive(
  reader: BufferedReader,
  scanner: StreamScanner,
  options: ScanOptions,
  readJobs: ReadJobs | null = null,
): Promise<Archive> {
  const collector = createCollector(scanner, options, readJobs);
  await readTar(reader, options.limits, collector.problems.report, collector);
  await collector.finish();
  return collector.archive();
}

/** A member whose bytes come when they are read, such as a blob of a registry; fewer than `size` when they break off. */
export interface IncomingMember {
  readonly name: string;
  readonly size: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Reads members that come from elsewhere as if they were an archive. */
export async function readMembers(
  members: AsyncIterable<IncomingMember>,
  scanner: StreamScanner,
  options: ScanOptions,
): Promise<Archive> {
  const collector = createCollector(scanner, options);
  for await (const { name, size, chunks } of members) {
    if (options.isStopped()) break;
    await collector.member({ name, type: "file", size, link: "" }, stretch(buffered(readChunks(chunks)), size), 0);
  }
  if (options.isStopped()) {
    collector.problems.report({ why: "aborted", detail: "stopped before all of the image was read" });
  }
  return collector.archive();
}

/** The files below a folder, sorted by name within each, without following links out of it. */
async function* filesBelow(
  root: string,
  below: string,
  depth: number,
  tooDeep: (path: string) => void,
): AsyncGenerator<string> {
  const folder = await opendir(join(root, below));
  const names: { name: string; isFolder: boolean }[] = [];
  for await (const entry of folder) names.push({ name: entry.name, isFolder: entry.isDirectory() });
  names.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, isFolder } of names) {
    const path = below === "" ? name : `${below}/${name}`;
    if (!isFolder) yield path;
    else if (depth >= MAX_FOLDER_DEPTH) tooDeep(path);
    else yield* filesBelow(root, path, depth + 1, tooDeep);
  }
}

/** Reads a folder as if it were an archive. */
export async function readFolder(root: string, scanner: StreamScanner, options: ScanOptions): Promise<Archive> {
  const collector = createCollector(scanner, options);
  const { report } = collector.problems;
  const tooDeep = (path: string): void =>
    report({ why: "limit", detail: `${path} lies too deep for an image layout and was not read` });
  for await (const name of filesBelow(root, "", 0, tooDeep)) {
    if (options.isStopped()) {
      report({ why: "aborted", detail: "stopped before all files were read" });
      break;
    }
    const path = join(root, name);
    try {
      const stat = await lstat(path);
      if (stat.isSymbolicLink()) {
        await collector.member(
          { name, type: "symbolic-link", size: 0, link: await readlink(path) },
          stretch(buffered({ read: () => 0 }), 0),
          0,
        );
        continue;
      }
      if (!stat.isFile()) continue;
      const file = await openFile(path, "r");
      try {
        const change = changeOf(file.fd);
        const { size } = await file.stat();
        const body = stretch(buffered(readFile(file.fd)), size);
        await collector.member({ name, type: "file", size, link: "" }, body, 0);
        const problem = change();
        if (problem !== null) report({ ...problem, detail: `${name}: ${problem.detail}` });
      } finally {
        await file.close();
      }
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
      report({ why: "unreadable", detail: `${name} cannot be read (${String(error.code)})` });
    }
  }
  return collector.archive();
}
