/** The world as the command line sees it: streams, variables, the working folder. Handed in, so that tests can stand in. */

import { createReadStream, fstatSync, readFileSync, statSync, writeSync } from "node:fs";

/** Where text goes. */
export interface Output {
  /** True when a person looks at it. */
  readonly isTerminal: boolean;
  /** Writes all of the text before it returns; throws the system's error, such as EPIPE. */
  readonly write: (text: string) => void;
}

/** Everything that `run` may touch beside files. */
export interface Io {
  readonly stdin: () => AsyncIterable<Uint8Array | string>;
  /** The descriptor of standard input where that is a plain file, of which nothing was read yet; null for all else. */
  readonly stdinFile?: () => number | null;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The absolute working folder; throws when it is gone. */
  readonly cwd: () => string;
  /** The date, YYYY-MM-DD in UTC: what expires is judged by it, and nothing else. */
  readonly today: () => string;
}

const RETRY_MS = 5;

/** A pipe that its reader made non-blocking may be full for a moment. */
function waitAMoment(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
}

/** The null device is a character device as well, and loading `node:tty` to be told so takes longer than a lint. */
function isTerminal(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  if (!stats.isCharacterDevice() || stats.rdev === statSync("/dev/null", { throwIfNoEntry: false })?.rdev) return false;
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

/** Synchronous on purpose: nothing is lost when the process ends, and `process.stdout` would take time to load. */
function fileOutput(descriptor: number): Output {
  return {
    get isTerminal(): boolean {
      return isTerminal(descriptor);
    },
    write: (text) => {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length;) {
        try {
          written += writeSync(descriptor, bytes, written);
        } catch (error) {
          if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
          waitAMoment();
        }
      }
    },
  };
}

/** `process.stdin`; for a folder, of which Node makes an empty stream, one that fails as reading a folder does. */
function standardInput(): AsyncIterable<Uint8Array | string> {
  try {
    if (fstatSync(0).isDirectory()) return createReadStream("", { fd: 0, autoClose: false });
  } catch {
    // It is closed, which the stream says as well.
  }
  return process.stdin;
}

/** What `< file` gives. Where a descriptor stands in its file is told by Linux alone. */
function standardInputFile(): number | null {
  try {
    return fstatSync(0).isFile() && /^pos:\s*0$/m.test(readFileSync("/proc/self/fdinfo/0", "latin1")) ? 0 : null;
  } catch {
    return null;
  }
}

/** The streams, variables and working folder of this process. */
export function systemIo(): Io {
  return {
    stdin: standardInput,
    stdinFile: standardInputFile,
    stdout: fileOutput(1),
    stderr: fileOutput(2),
    env: process.env,
    cwd: () => process.cwd(),
    today: () => new Date().toISOString().slice(0, "YYYY-MM-DD".length),
  };
}
