/**
 * Images that are not on disk, for the use case of inspecting: what an engine saves is a stream like any other, what a
 * registry holds an OCI layout whose files come when they are read. Neither is loaded before it is asked for.
 */

import { readMembers, type Archive, type IncomingMember } from "./image/archive.ts";
import { isPlatform, platformOf } from "./image/format/platform.ts";
import type { Report } from "./image/problem.ts";
import type { ScanOptions } from "./image/scan/scan-options.ts";
import type { StreamScanner } from "./image/scan/stream-scan.ts";
import type { Remote } from "./registry/remote.ts";

/** What reading needs. */
export interface RemoteReading {
  readonly scanner: StreamScanner;
  readonly options: ScanOptions;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly platform: string | null;
  readonly report: Report;
  /** Reads an archive as it comes. */
  readonly readStream: (chunks: AsyncIterable<Uint8Array>) => Promise<Archive | null>;
  /** Takes how many bytes came. */
  readonly count: (bytes: number) => void;
  /** Takes how many bytes will come. */
  readonly expect: (bytes: number) => void;
}

type RemoteOf<Kind extends Remote["kind"]> = Extract<Remote, { kind: Kind }>;

async function readEngine({ engine, image }: RemoteOf<"engine">, reading: RemoteReading): Promise<Archive | null> {
  const { saveImage } = await import("./registry/save-image.ts");
  const saved = saveImage(engine, image, reading);
  try {
    return await reading.readStream(saved.chunks);
  } finally {
    await saved.close();
  }
}

async function* counted(
  members: AsyncIterable<IncomingMember>,
  count: (bytes: number) => void,
): AsyncGenerator<IncomingMember> {
  async function* pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      count(chunk.length);
      yield chunk;
    }
  }
  for await (const member of members) yield { ...member, chunks: pass(member.chunks) };
}

async function readRegistry(
  { registry, reference }: RemoteOf<"registry">,
  reading: RemoteReading,
): Promise<Archive | null> {
  const { startPull } = await import("./registry/pull.ts");
  const { environment, signal, report, platform: wanted, options } = reading;
  const { limits, secrets } = options;
  const pull = await startPull(registry, reference, {
    environment,
    signal,
    report,
    hide: (secret) => secrets.hide(secret),
    isNarrowed: wanted !== null,
    isWanted: (value) => {
      const platform = platformOf(value);
      return wanted === null || platform === null || platform === "unknown/unknown" || isPlatform(platform, wanted);
    },
    maxManifestBytes: limits.maxJsonBytes,
    maxManifestTotalBytes: limits.maxJsonTotalBytes,
    maxBlobBytes: limits.maxLayerBytes,
    maxNesting: limits.maxNesting,
  });
  if (pull === null) return null;
  reading.expect(pull.totalBytes);
  try {
    return await readMembers(counted(pull.parts, reading.count), reading.scanner, options);
  } finally {
    pull.close();
  }
}

/** Reads an image that is not on disk; null when there is nothing to read, which was reported. */
export async function readRemote(remote: Remote, reading: RemoteReading): Promise<Archive | null> {
  return remote.kind === "engine" ? readEngine(remote, reading) : readRegistry(remote, reading);
}
