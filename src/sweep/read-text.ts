/** Reads one file or stream as UTF-8 text, or says why it could not be: never hangs on a pipe, never throws for bad input. */

import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { exists } from "../disk.ts";
import { errorCode } from "../model/errors.ts";
import type { Gap, GapKind } from "../model/gap.ts";

/** The text of an input, or the gap it leaves. */
export type ReadResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: GapKind; readonly detail: string };

/** Larger inputs are no Dockerfile, and BuildKit itself reads only a small prefix of a remote one. */
export const MAX_TEXT_BYTES: number = 4 * 1024 * 1024;

function failure(why: GapKind, detail: string): ReadResult {
  return { ok: false, why, detail };
}

const TOO_LARGE = failure("too-large", "the file is larger than 4 MiB and was not read; check that it is a Dockerfile");

const DANGLING = "the link leads to nothing; check where it should lead";

const FOLDER = "it is a folder, not a file; check the path";

/** True when what was to be read is a link, and what it leads to is not there. */
function isDangling(error: unknown): boolean {
  return error instanceof Error && "path" in error && typeof error.path === "string" && exists(error.path);
}

/** What a failed access to a path means to the user. */
export function accessGap(error: unknown): Pick<Gap, "why" | "detail"> {
  const code = errorCode(error);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return {
        why: "missing",
        detail: isDangling(error) ? DANGLING : "there is no such file or folder; check the path",
      };
    case "EACCES":
    case "EPERM":
      return { why: "unreadable", detail: "reading it is not permitted; check its permissions" };
    case "EISDIR":
      return { why: "unreadable", detail: FOLDER };
    case "ELOOP":
      return { why: "unreadable", detail: "the link leads to itself; name the file that it should lead to" };
    case "ENAMETOOLONG":
      return { why: "missing", detail: "the path is longer than a path can be; check it" };
    default:
      return {
        why: "unreadable",
        detail: `it could not be read${code === null ? "" : ` (${code})`}; check the file system`,
      };
  }
}

/** The text of bytes, or why they are none. */
export function decodeText(bytes: Uint8Array): ReadResult {
  if (bytes.length > MAX_TEXT_BYTES) return TOO_LARGE;
  if (bytes.length === 0) return failure("empty", "the file is empty; a Dockerfile has at least one instruction");
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return failure("not-utf-8", "the text is UTF-16; save it as UTF-8");
  }
  if (bytes.includes(0)) return failure("binary", "the file is binary; check that it is a Dockerfile");
  if (!isUtf8(bytes)) return failure("not-utf-8", "the text is not UTF-8; save it as UTF-8");
  return { ok: true, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") };
}

function readBytes(descriptor: number): Uint8Array {
  const size = fstatSync(descriptor).size;
  const bytes = Buffer.alloc(Math.min(size, MAX_TEXT_BYTES) + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, bytes, length, bytes.length - length, null);
    length += count;
    if (count === 0 || length === bytes.length) return bytes.subarray(0, length);
  }
}

/** The text of a file; follows links, and opens nothing but regular files. */
export function readTextFile(path: string): ReadResult {
  let descriptor: number | null = null;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return failure("unreadable", FOLDER);
    if (!stats.isFile()) return failure("unreadable", "it is not a regular file; pipe its content in and name it `-`");
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return decodeText(readBytes(descriptor));
  } catch (error) {
    const { why, detail } = accessGap(error);
    return failure(why, detail);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** The text of a stream, such as standard input; stops reading when it is too large. */
export async function readTextStream(stream: AsyncIterable<Uint8Array | string>): Promise<ReadResult> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      chunks.push(bytes);
      length += bytes.length;
      if (length > MAX_TEXT_BYTES) return TOO_LARGE;
    }
  } catch (error) {
    const { why, detail } = accessGap(error);
    return failure(why, detail);
  }
  if (length === 0) return failure("empty", "nothing came in; check the command that it should come from");
  return decodeText(Buffer.concat(chunks));
}
