/** The one error class, and what other errors tell. Findings and gaps are returned; only what stops the whole run is thrown. */

/** What kind of mistake stopped the run. All of them end with exit code 2. */
export type ErrorKind = "usage" | "config" | "input" | "output" | "internal";

/** An error that is meant for the user's eyes: it names the thing and, in `hint`, what to do. */
export class HullcheckError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | null;

  constructor(kind: ErrorKind, message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HullcheckError";
    this.kind = kind;
    this.hint = options.hint ?? null;
  }
}

/** The code of a system's or a library's error, such as `ENOENT`; null for what has none that is a word. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
