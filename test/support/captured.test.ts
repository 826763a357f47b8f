import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { decompress } from "fzstd";
import { extract } from "tar-stream";
import { afterAll, describe, expect, it } from "vitest";
import { capturedArchive, capturedNames, capturedToken, writeCaptured } from "./captured.ts";

const folder = mkdtempSync(join(tmpdir(), "hullcheck-captured-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function membersOf(archive: Buffer): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>();
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    members.set(entry.header.name.replace(/^\.\//, ""), Buffer.concat(chunks));
  }
  return members;
}

/** A layer as the container's engine would unpack it. */
function unpacked(content: Buffer): string {
  if (content.length > 4 && content.readUInt16BE(0) === 0x1f8b) return gunzipSync(content).toString("latin1");
  if (content.length > 4 && content.readUInt32LE(0) === 0xfd2fb528) {
    return Buffer.from(decompress(new Uint8Array(content))).toString("latin1");
  }
  return content.toString("latin1");
}

function isRootFilesystem(name: string): boolean {
  return name === "docker-export.tar" || name === "buildkit-tar.tar";
}

/** Every descriptor in a JSON document. */
function descriptors(value: unknown): { digest: string; size: number }[] {
  if (Array.isArray(value)) return value.flatMap(descriptors);
  if (value === null || typeof value !== "object") return [];
  const own = "digest" in value && "size" in value ? [value as { digest: string; size: number }] : [];
  return [...own, ...Object.values(value).flatMap(descriptors)];
}

/** The tokens of the archives that do not hold all three. */
const SHOWN: Readonly<Record<string, readonly number[]>> = {
  "buildkit-docker-heredoc.tar": [1],
  "buildkit-oci-platforms.tar": [2, 3],
  "buildkit-oci-provenance.tar": [1, 2],
  "buildkit-oci-secret.tar": [],
  "buildkit-tar.tar": [2],
  "docker-export.tar": [2],
  "dockerd25-containerd-pulled.tar": [2, 3],
  "kaniko-single-snapshot.tar": [1, 2],
  "moby-containerd-one-of-two.tar": [2, 3],
  "moby-containerd-provenance.tar": [1, 2],
};

/** Manifests that archives name and do not hold: of a platform that was not pulled, and attestations. */
const ABSENT: Readonly<Record<string, number>> = {
  "dockerd25-containerd-pulled.tar": 3,
  "moby-containerd-pulled.tar": 2,
};

describe("captured archives", () => {
  it("are there", () => {
    expect(capturedNames().length).toBeGreaterThan(10);
  });

  it.each(capturedNames())("%s holds no token in the repository, and tokens when it is loaded", async (name) => {
    const kept = readFileSync(join(import.meta.dirname, "../../fixtures/images/captured", name), "latin1");
    const members = [...(await membersOf(capturedArchive(name))).values()].map(unpacked);
    const text = members.join("\n");
    const shown = SHOWN[name] ?? [1, 2, 3];
    expect([1, 2, 3].filter((number) => kept.includes(capturedToken(number)))).toEqual([]);
    expect([1, 2, 3].filter((number) => text.includes(capturedToken(number)))).toEqual(shown);
    expect(text.includes("@@TOKEN")).toBe(false);
  });

  it.each(capturedNames())("%s has true digests and sizes when it is loaded", async (name) => {
    const members = await membersOf(capturedArchive(name));
    const sizes = new Map([...members.values()].map((bytes) => [sha256(bytes), bytes.length]));
    const named = [...members].filter(([member]) =>
      /^(?:blobs\/sha256\/|sha256:)?[0-9a-f]{64}(?:\.json|\.tar|\.tar\.gz)?$/.test(member),
    );
    expect(named.filter(([member, bytes]) => !member.includes(sha256(bytes))).map(([member]) => member)).toEqual([]);
    const pointers = [...members.values()]
      .filter((bytes) => bytes[0] === 0x7b)
      .flatMap((bytes) => descriptors(JSON.parse(bytes.toString("utf8"))));
    const untrue = pointers.filter(({ digest, size }) => sizes.get(digest.slice("sha256:".length)) !== size);
    expect(untrue.length).toBe(ABSENT[name] ?? 0);
    expect(untrue.filter(({ digest }) => sizes.has(digest.slice("sha256:".length)))).toEqual([]);
    expect(named.length + pointers.length > 0).toBe(!isRootFilesystem(name));
  });

  it("become a file or a folder to inspect", () => {
    const file = writeCaptured("docker-buildkit.tar", folder);
    expect(readFileSync(file).equals(capturedArchive("docker-buildkit.tar"))).toBe(true);
    const layout = writeCaptured("skopeo-oci-zstd.folder.tar", folder);
    expect(basename(layout)).toBe("skopeo-oci-zstd.folder");
    expect(statSync(join(layout, "index.json")).isFile()).toBe(true);
  });
});
