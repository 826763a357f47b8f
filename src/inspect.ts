/**
 * The use case of inspecting saved images: open, read everything once, let every rule judge, make the findings. Whatever
 * cannot be read is a gap; writes nothing, prints nothing, and touches no network unless the source is `docker://`.
 */

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { assemble, redactAll, type Drafted, type LevelOverrides } from "./assemble.ts";
import { readFolder, readTarArchive, type Archive, type ReadJobs } from "./image/archive.ts";
import { buffered, failSafe, readChunks, readFile, type BufferedReader, type ByteReader } from "./image/byte-reader.ts";
import { changeOf } from "./image/change.ts";
import { compressionOf, unwrap } from "./image/decompress.ts";
import { isImageFolder } from "./image/format/images.ts";
import { undecodedGaps } from "./image/gaps.ts";
import { inspectArchive, type Inspection } from "./image/inspection.ts";
import { DEFAULT_LIMITS, type Limits } from "./image/limits.ts";
import { createNestedOpener } from "./image/nested/opener.ts";
import { createProblems, type Problem, type Report } from "./image/problem.ts";
import { findSource, type Source } from "./image/source.ts";
import { IDLE_SCANNERS } from "./image/scan/idle.ts";
import type { ScanOptions } from "./image/scan/scan-options.ts";
import type { StreamScanner } from "./image/scan/stream-scan.ts";
import { containsTarHeader } from "./image/tar-header.ts";
import type { ImageHistory } from "./image/history.ts";
import { HullcheckError } from "./model/errors.ts";
import type { Gap } from "./model/gap.ts";
import type { Outcome } from "./model/report.ts";
import type { RemoteReading } from "./read-remote.ts";
import { parseRemote, type Remote, type RemoteSettings } from "./registry/remote.ts";
import { IMAGE_RULES } from "./rules/image/index.ts";
import { runRules } from "./run-rules.ts";
import { Secrets } from "./token/secrets.ts";

export { DEFAULT_LIMITS, type Limits } from "./image/limits.ts";
export { ENGINES, parseRemote, type RemoteSettings } from "./registry/remote.ts";

/** How far an inspection is. */
export interface InspectProgress {
  /** Bytes of the source that were read, as stored. */
  readonly bytes: number;
  /** Bytes of the source; null when nobody knows, as with standard input. */
  readonly totalBytes: number | null;
}

/** What was found in one source, and what the histories of its images say. */
export interface InspectedImage {
  readonly outcome: Outcome;
  readonly histories: readonly ImageHistory[];
}

/** How to inspect. */
export interface InspectOptions extends RemoteSettings {
  /** Only images for this platform, such as `linux/arm64`. */
  readonly platform?: string;
  /** Only images of this name, with or without tag, or whose config digest starts like this. */
  readonly image?: string;
  /** Verify blob digests and diffIDs; false unless given, since it costs more than the search. */
  readonly checkDigests?: boolean;
  /** Bounds other than the default ones. */
  readonly limits?: Partial<Limits>;
  /** Names of variables that hold a token, beside those that say so themselves; none unless given. */
  readonly tokenVariables?: readonly string[];
  /** Take what cannot be decoded (a damaged or encrypted zip, an unknown method) for a gap, too. */
  readonly strict?: boolean;
  /** Learns every secret that is found, for what is shown of several readings together; nobody does unless given. */
  readonly secrets?: Secrets;
  /** Levels by rule id; `off` drops a rule's findings. */
  readonly levels?: LevelOverrides;
  /** Stops the inspection: what was found so far is reported, with a gap. */
  readonly signal?: AbortSignal;
  /** Called now and then. */
  readonly onProgress?: (progress: InspectProgress) => void;
  /** The bytes of the source `-`; the descriptor of a plain file is read as the file is by its path, from its beginning. */
  readonly stdin?: AsyncIterable<Uint8Array> | number;
  /** The folder that a relative path starts from; the process's own unless given. */
  readonly cwd?: string;
  /** The variables that engines and registries heed, such as PATH, DOCKER_CONFIG and HTTPS_PROXY; none unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Threads that search large members of a file, which finds the same: the processors that there are, at most 2, unless given. */
  readonly jobs?: number;
  /** Search without vector instructions, which finds the same. */
  readonly simd?: boolean;
}

/** Bytes that are looked through for a header, when the archive does not begin with one. */
const HEAD_BYTES = 65_536;

interface Reading {
  readonly archive: Archive | null;
  readonly problems: readonly Problem[];
}

/** Reads a stream that should be a tar, compressed or not. */
async function readStream(
  reader: ByteReader,
  settings: ScanSettings,
  report: Report,
  readJobs: ReadJobs | null = null,
): Promise<Archive | null> {
  const outer: BufferedReader = buffered(reader, HEAD_BYTES);
  const isEmpty = (await outer.peek(1)).length === 0;
  if (isEmpty) {
    report({ why: "empty", detail: "it is empty; check what should have written it" });
    return null;
  }
  const { reader: inner, encodings } = await unwrap(outer, settings.options.limits, report);
  const tar = encodings.length === 0 ? inner : buffered(inner, HEAD_BYTES);
  if (!containsTarHeader(await tar.peek(HEAD_BYTES))) {
    // Packed in a way that is not known here was said already.
    if (compressionOf(await tar.peek(10)) === null) {
      const detail = "it is no tar; name a saved image, an OCI layout or a root filesystem tar";
      report({ why: "not-an-archive", detail });
    }
    return null;
  }
  // What stands packed in the file stands nowhere as it is.
  const jobs = encodings.length === 0 ? readJobs : null;
  return readTarArchive(tar, settings.scanner, settings.options, jobs);
}

interface ScanSettings {
  readonly scanner: StreamScanner;
  readonly options: ScanOptions;
}

async function readSource(
  source: Source | Remote,
  settings: ScanSettings,
  { stdin, env = {}, signal = new AbortController().signal, platform, simd = true, jobs: threads }: InspectOptions,
  counters: Pick<RemoteReading, "count" | "expect">,
): Promise<Reading> {
  const problems = createProblems();
  const { report } = problems;
  const safe = (reader: ByteReader): ByteReader => failSafe(reader, report, counters.count);
  // That nothing came needs no gap of its own when the reason is known.
  const reportOther: Report = (problem) => {
    if (problem.why !== "empty" || problems.list.length === 0) report(problem);
  };
  const readOpened = async (descriptor: number): Promise<Archive | null> => {
    const { scanner, options } = settings;
    const readJobs: ReadJobs = async (jobs) =>
      (await import("./image/member-jobs.ts")).runMemberJobs(jobs, {
        ...options,
        scanner,
        count: counters.count,
        settings: { descriptor, limits: options.limits, checkDigests: options.hash, simd },
        maxThreads: threads,
      });
    const change = changeOf(descriptor);
    const read = await readStream(safe(readFile(descriptor)), settings, report, readJobs);
    const problem = change();
    if (problem !== null) report(problem);
    return read;
  };
  const readInOrder = async (chunks: AsyncIterable<Uint8Array>): Promise<Archive | null> =>
    readStream(safe(readChunks(chunks)), settings, reportOther);
  let archive: Archive | null = null;
  if (source.kind === "problem") report(source.problem);
  else if (source.kind === "stdin") {
    if (stdin === undefined) throw new HullcheckError("usage", "the source `-` without the option `stdin`");
    archive = await (typeof stdin === "number" ? readOpened(stdin) : readInOrder(stdin));
  } else if (source.kind === "file" && Number.isNaN(source.size)) {
    const stream = createReadStream(source.path);
    archive = await readInOrder(stream).finally(() => stream.destroy());
  } else if (source.kind === "file") {
    const file = await open(source.path, "r");
    try {
      archive = await readOpened(file.fd);
    } finally {
      await file.close();
    }
  } else if (source.kind === "engine" || source.kind === "registry") {
    const reading = {
      ...settings,
      ...counters,
      environment: env,
      signal,
      platform: platform ?? null,
      report,
      readStream: readInOrder,
    };
    archive = await (await import("./read-remote.ts")).readRemote(source, reading);
  } else if (isImageFolder(source.entries)) {
    archive = await readFolder(source.path, settings.scanner, settings.options);
  } else {
    report({ why: "no-image", detail: "the folder holds no OCI layout and no unpacked image" });
  }
  return { archive, problems: problems.list };
}

/** What every rule says of every image. */
function judge(inspection: Inspection, gaps: Gap[]): Drafted[] {
  const rules = IMAGE_RULES.map(({ meta, check }) => ({ id: meta.id, check }));
  return inspection.facts.flatMap((facts) =>
    runRules(rules, facts, { at: facts.image, what: "image", gaps }).map((judged): Drafted => ({
      ...judged,
      suppressed: null,
    })),
  );
}

/** The format that a source has, and the image that it names; null to tell by content, and for every image. */
function formOf(source: Source | Remote): Pick<Source, "format" | "reference"> {
  if (source.kind === "registry") return { format: "oci", reference: null };
  return source.kind === "engine" ? { format: null, reference: null } : source;
}

/**
 * Inspects a saved image: a tar of `docker save` or its relatives (also compressed), an OCI layout, a root filesystem.
 * @param source a path; `-` for the option `stdin`; `docker-archive:`, `oci-archive:`, `oci:`, `dir:` and a path;
 *   `docker-daemon:` and the name of an image in an engine; `docker://` and one in a registry, which is the only source
 *   that opens connections
 * @returns one subject an image, the findings sorted by place, and the gaps; `decide` turns them into a verdict
 * @throws HullcheckError for a transport that is not supported, a name that cannot be understood, and for `-` without `stdin`
 */
export async function inspectImage(source: string, options: InspectOptions = {}): Promise<Outcome> {
  return (await inspectImageFacts(source, options)).outcome;
}

/** As `inspectImage`, with the histories of the images. */
export async function inspectImageFacts(source: string, options: InspectOptions = {}): Promise<InspectedImage> {
  const secrets = new Secrets(options.secrets ?? null, options.tokenVariables);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const found = parseRemote(source, options) ?? (await findSource(source, options.cwd ?? "."));
  let totalBytes = found.kind === "file" && Number.isFinite(found.size) ? found.size : null;
  let bytes = 0;
  const isStopped = (): boolean => options.signal?.aborted === true;
  const vectors = options.simd === undefined ? {} : { simd: options.simd };
  const scan: ScanOptions = {
    limits,
    secrets,
    hash: options.checkDigests === true,
    nested: createNestedOpener({ limits, isStopped, ...vectors }),
    progress: () => options.onProgress?.({ bytes, totalBytes }),
    isStopped,
  };
  const scanner = IDLE_SCANNERS.take(vectors);
  const settings = { scanner, options: scan };
  const { archive, problems } = await readSource(found, settings, options, {
    count: (more) => void (bytes += more),
    expect: (total) => void (totalBytes = total),
  });
  IDLE_SCANNERS.giveBack(scanner, vectors);
  const gaps: Gap[] = problems.map((problem) => ({ at: found.name, ...problem }));
  if (archive === null) {
    return { outcome: redactAll({ subjects: [], findings: [], gaps }, secrets), histories: [] };
  }
  const { format, reference } = formOf(found);
  const choice = { format, platform: options.platform ?? null, image: options.image ?? reference };
  const inspection = inspectArchive(archive, found.name, choice, limits, secrets);
  gaps.push(...inspection.gaps);
  if (options.strict === true) gaps.push(...undecodedGaps(inspection.subjects));
  const drafted = judge(inspection, gaps);
  const outcome: Outcome = {
    subjects: redactAll(inspection.subjects, secrets),
    findings: assemble(drafted, secrets, options.levels),
    gaps: redactAll(gaps, secrets),
  };
  const histories = inspection.facts.flatMap(({ image, history }) =>
    history === undefined ? [] : [{ image: secrets.redact(image), history }],
  );
  return { outcome, histories };
}
