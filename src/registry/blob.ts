/**
 * The bytes of one blob: verified against size and digest while they come, resumed where they broke off. What goes wrong
 * is reported and ends the bytes early; the last ones are not handed on before the digest was compared.
 */

import { createHash, type Hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Client } from "./client.ts";
import { PullFailure, type Report } from "./failure.ts";
import { failureOf, waitFor } from "./retry.ts";
import { bodyOf } from "./transport.ts";

/** What a manifest says of a blob. */
export interface BlobRef {
  /** One that `isDigest` takes. */
  readonly digest: string;
  readonly size: number;
}

/** So many bytes between two breaks are progress, and the count of tries begins anew. */
const PROGRESS_BYTES = 1_048_576;

function hashOf({ digest }: BlobRef): Hash {
  return createHash(digest.replace(/:.*$/s, ""));
}

function isRight(hash: Hash, { digest }: BlobRef): boolean {
  return digest.endsWith(`:${hash.digest("hex")}`);
}

/** True for bytes that have the digest. */
export function hasDigest(bytes: Uint8Array, digest: string): boolean {
  return isRight(hashOf({ digest, size: 0 }).update(bytes), { digest, size: 0 });
}

/** Where the body of an answer to a request from `from` on begins; throws where it says something else. */
function startOf(answer: IncomingMessage, from: number): number {
  if (answer.statusCode === 200) return 0;
  const begin = /^bytes (\d{1,15})-/.exec(answer.headers["content-range"] ?? "")?.[1];
  if (answer.statusCode === 206 && Number(begin) === from) return from;
  answer.destroy();
  const detail = answer.statusCode === 404 ? "is gone from the registry" : "is not sent on from where it broke off";
  throw new PullFailure("truncated", `what was left of a blob ${detail}`);
}

/** The bytes after `from`, asked for once more. */
async function resume(client: Client, blob: BlobRef, from: number): Promise<IncomingMessage> {
  return client.get(`blobs/${blob.digest}`, from === 0 ? {} : { range: `bytes=${from}-` });
}

async function* readVerified(
  client: Client,
  blob: BlobRef,
  first: IncomingMessage,
  report: Report,
): AsyncGenerator<Uint8Array> {
  const { signal, timing } = client.connection;
  const hash = hashOf(blob);
  let answer = first;
  let at = 0;
  let mark = 0;
  let failures = 0;
  try {
    for (;;) {
      try {
        let position = startOf(answer, at);
        for await (const chunk of bodyOf(answer, timing.idleMs)) {
          const end = Math.min(position + chunk.length, blob.size);
          const part = chunk.subarray(Math.max(0, at - position), Math.max(0, end - position));
          position += chunk.length;
          if (part.length === 0) continue;
          hash.update(part);
          at += part.length;
          if (at === blob.size && !isRight(hash, blob)) {
            report({ why: "digest-mismatch", detail: `the registry sent other bytes than ${blob.digest}` });
          }
          yield part;
          if (at === blob.size) return;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof PullFailure) throw error;
        // A broken connection; anything else is a fault of this program.
        failureOf(error, client.host);
      } finally {
        answer.destroy();
      }
      if (at - mark >= PROGRESS_BYTES) failures = 0;
      mark = at;
      if (++failures > timing.retries) {
        const detail = `a blob broke off after ${at} of ${blob.size} bytes, ${failures} times`;
        throw new PullFailure("truncated", detail);
      }
      await waitFor(failures, null, client.connection);
      answer = await resume(client, blob, at);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof PullFailure)) throw error;
    report({ why: error.problem.why, detail: `${error.message} (${blob.digest})` });
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Asks for a blob; null when it is not there, said to `report` unless the registry just does not hold it. */
export async function openBlob(
  client: Client,
  blob: BlobRef,
  report: Report,
): Promise<AsyncIterable<Uint8Array> | "absent" | null> {
  if (blob.size === 0) {
    if (hasDigest(new Uint8Array(), blob.digest)) return nothing();
    report({ why: "digest-mismatch", detail: `the manifest gives ${blob.digest} no size` });
    return null;
  }
  try {
    const answer = await resume(client, blob, 0);
    if (answer.statusCode !== 404) return readVerified(client, blob, answer, report);
    answer.destroy();
    return "absent";
  } catch (error) {
    if (client.connection.signal.aborted) return null;
    if (!(error instanceof PullFailure)) throw error;
    report({ why: error.problem.why, detail: `${error.message} (${blob.digest})` });
    return null;
  }
}
