/**
 * Keeps bytes that came in order so that they can be read at any place: in memory while they are few, else in a file
 * that nobody else can open (0600, unlinked at birth). Interprets nothing.
 */

import { randomUUID } from "node:crypto";
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryContent, type Content } from "./content.ts";
import { giveBack, lend } from "./lent.ts";

/** Bytes on their way to a content. */
export interface Spool {
  /** Takes a copy. Throws what the file system throws, such as ENOSPC. */
  readonly write: (bytes: Uint8Array) => void;
  /** Everything written so far. Holds until `close`. */
  readonly content: () => Content;
  /** Frees the file. */
  readonly close: () => void;
}

/** What is kept in memory; most archives in images are smaller. */
const MEMORY_BYTES = 8 * 1_048_576;

function openUnlinked(): number {
  const path = join(tmpdir(), `hullcheck-${randomUUID()}`);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
  const descriptor = openSync(path, flags, 0o600);
  unlinkSync(path);
  return descriptor;
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
}

function fileContent(descriptor: number, size: number): Content {
  return {
    size,
    bytes: null,
    readAt: (into, offset) => {
      const wanted = Math.max(0, Math.min(into.length, size - offset));
      let got = 0;
      while (got < wanted) {
        const count = readSync(descriptor, into, got, wanted - got, offset + got);
        if (count === 0) break;
        got += count;
      }
      return got;
    },
  };
}

/** An empty spool for about `expected` bytes; beyond `memoryBytes` they go to a file. */
export function createSpool(expected: number | null, memoryBytes: number = MEMORY_BYTES): Spool {
  const isLarge = expected !== null && expected > memoryBytes;
  let memory = lend(isLarge ? 0 : (expected ?? 65_536));
  let size = 0;
  let descriptor: number | null = null;
  const grow = (wanted: number): void => {
    const larger = lend(Math.min(memoryBytes, Math.max(wanted, memory.length * 2)));
    larger.set(memory.subarray(0, size));
    giveBack(memory);
    memory = larger;
  };
  const drop = (): void => {
    giveBack(memory);
    memory = new Uint8Array();
  };
  return {
    write: (bytes) => {
      if (descriptor === null && (isLarge || size + bytes.length > memoryBytes)) {
        descriptor = openUnlinked();
        writeAll(descriptor, memory.subarray(0, size), 0);
        drop();
      }
      if (descriptor === null) {
        if (size + bytes.length > memory.length) grow(size + bytes.length);
        memory.set(bytes, size);
      } else writeAll(descriptor, bytes, size);
      size += bytes.length;
    },
    content: () => (descriptor === null ? memoryContent(memory.subarray(0, size)) : fileContent(descriptor, size)),
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
      drop();
      size = 0;
    },
  };
}
