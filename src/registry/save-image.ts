/**
 * The stream of `docker save`, or of an engine that saves the same way. Runs the engine's own client without a shell and
 * without a file; ends it when nobody reads on. Interprets no byte.
 */

import { spawn } from "node:child_process";
import { errorCode } from "../model/errors.ts";
import { Secrets } from "../token/secrets.ts";
import type { Report } from "./failure.ts";
import type { Environment } from "./proxy.ts";
import type { Engine } from "./remote.ts";

/** An image that is being saved. */
export interface SavedImage {
  /** The archive. When the engine failed, that is reported before they end. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the engine's client if it still runs, and waits for its end. */
  readonly close: () => Promise<void>;
}

/** Kept of what the client says; its last words count. */
const MAX_STDERR_CHARS = 8192;
const MAX_SHOWN_CHARS = 300;
/** For the client to end when it is asked to, in milliseconds. */
const GRACE_MS = 2000;

/** The last line with something in it. Masked before it is cut: of half a token nobody can tell that it is one. */
function lastWords(stderr: string): string {
  const line =
    new Secrets()
      .redact(stderr)
      .trim()
      .split(/[\r\n]+/)
      .at(-1)
      ?.trim() ?? "";
  return line.length > MAX_SHOWN_CHARS ? `${line.slice(0, MAX_SHOWN_CHARS)}…` : line;
}

/** Starts to save an image; whatever fails is reported. */
export function saveImage(
  engine: Engine,
  image: string,
  settings: { readonly environment: Environment; readonly signal: AbortSignal; readonly report: Report },
): SavedImage {
  const { environment, signal, report } = settings;
  const child = spawn(engine, ["save", image], {
    env: { ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const all = stderr + text;
    // The word that is cut goes as a whole.
    stderr = all.length <= MAX_STDERR_CHARS ? all : all.slice(-MAX_STDERR_CHARS).replace(/^\S+/, "");
  });
  // Told when the process is gone; what it started may keep its pipes open.
  let isGone = false;
  const gone = new Promise<string | null>((resolve) => {
    const end = (failure: string | null): void => {
      isGone = true;
      resolve(failure);
    };
    child.once("error", (error) => {
      const isMissing = errorCode(error) === "ENOENT";
      end(isMissing ? "is not on the PATH; install it, or name another engine with --engine" : "cannot be run");
    });
    child.once("exit", (code, killedBy) =>
      end(code === 0 ? null : `save failed (${killedBy === null ? `exit code ${code}` : killedBy})`),
    );
  });
  const stop = (): void => {
    if (isGone) return;
    child.kill();
    setTimeout(() => isGone || child.kill("SIGKILL"), GRACE_MS).unref();
    child.stdout.destroy();
    child.stderr.destroy();
  };
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();

  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* child.stdout as AsyncIterable<Uint8Array>;
    } catch (error) {
      if (errorCode(error) === null) throw error;
    }
    const failure = await gone;
    if (signal.aborted) report({ why: "aborted", detail: "stopped before the image was saved" });
    else if (failure !== null) {
      const words = lastWords(stderr);
      report({ why: "unreadable", detail: `${engine} ${failure}${words === "" ? "" : `: ${words}`}` });
    }
  }
  return {
    chunks: chunks(),
    close: async () => {
      stop();
      await gone;
      signal.removeEventListener("abort", stop);
    },
  };
}
