/** What a RUN finds when it starts, and what it does with values that may be tokens: what `run-flow.ts` takes and gives. */

import type { Environment } from "./home-path.ts";
import type { Invocation } from "./invocation.ts";
import type { Span } from "./mapped-text.ts";
import type { Mount } from "./run-script.ts";
import type { ShellBranch, ShellWord } from "./shell-word.ts";
import type { Origins } from "./token-origin.ts";
import type { TokenNames } from "../token/name.ts";

/** A file that a RUN writes something to that may be a token. */
export interface FileWrite {
  readonly invocation: Invocation;
  readonly span: Span;
  /** Normal paths: the likeliest first, and what it may be instead. */
  readonly paths: readonly string[];
  readonly form: string;
  readonly origins: Origins;
  readonly kind: "file" | "url";
}

/** What a RUN does with values that may be tokens. */
export interface RunFlow {
  readonly writes: readonly FileWrite[];
  /** Files that are overwritten, reset or moved away, as normal paths. */
  readonly clears: readonly { readonly invocation: Invocation; readonly path: string }[];
  /** Everything that was run, in the order of running. */
  readonly order: readonly Invocation[];
  /** Bodies of functions that are called for sure. */
  readonly called: ReadonlySet<ShellBranch>;
}

/** What a RUN finds when it starts. */
export interface FlowSetting {
  readonly mounts: readonly Mount[];
  readonly isTokenName: TokenNames;
  readonly environmentOf: (invocation: Invocation | null) => Environment;
  /** The value of an ARG or ENV. */
  readonly ofName: (name: string) => Origins;
  /** The names of all ARG and ENV that it can see. */
  readonly names: () => Iterable<string>;
  /** The files in which logins of this RUN store the token, as normal paths. */
  readonly stored: ReadonlyMap<Invocation, readonly string[]>;
  /** The arguments of scripts on disk, by the command that starts them. */
  readonly parameters: ReadonlyMap<Invocation, readonly ShellWord[]>;
  /** The texts in which `envsubst` puts variables. */
  readonly templates: ReadonlyMap<Invocation, string>;
  /** What earlier layers of the stage left in a file, by a normal path. */
  readonly ofFile: (path: string) => Origins;
}
