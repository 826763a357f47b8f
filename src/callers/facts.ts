/** What the engine has read of one file that calls a build. Plain data for rules; holds no raw token. */

import type { Ignore } from "../dockerfile/ignore.ts";
import type { MappedText, Span } from "../dockerfile/mapped-text.ts";
import type { SourceText } from "../dockerfile/source-text.ts";
import type { TokenFacts } from "../model/finding.ts";
import type { Confidence } from "../model/level.ts";
import type { SourceKind, SourceLocation } from "../model/location.ts";

/** What a caller is: a compose file, a bake file, a CI file, or a script (also a Makefile). */
export type CallerKind = Exclude<SourceKind, "dockerfile">;

/** A place in the file, with what it has to do with a finding. */
export interface Step {
  /** Source offsets. */
  readonly span: Span;
  readonly text: string;
}

/** How a build argument is handed over; decides what replaces it. */
export type PassForm =
  /** `build.args` of a compose service. */
  | "compose"
  /** `args` of a bake target. */
  | "bake"
  /** `build-args` of a build action or plugin. */
  | "input"
  /** `set: *.args.X=…` of a bake action, or `--set`. */
  | "set"
  /** `--build-arg` on a command line. */
  | "option"
  /** The same of podman and buildah, whose RUNs know no `env=`. */
  | "podman-option"
  /** The same of `docker compose build`, which knows no `--secret`. */
  | "compose-option"
  /** The same of kaniko and `az acr build`, which hand no secret to a RUN. */
  | "option-without-secrets"
  /** Put into the text of a Dockerfile before the build reads it, and no build argument. */
  | "typed";

/** The build that a caller starts, as far as the file says. Paths are as written; null when they are not known. */
export interface Build {
  /** Relative to the context in compose and bake files, else to the working folder. */
  readonly dockerfile: string | null;
  readonly context: string | null;
  readonly target: string | null;
  /** The folder that the build is started in, below the file's own root; empty for that root. */
  readonly folder: string;
  /** True when provenance is asked for in the mode that records build arguments. */
  readonly provenanceMax: boolean;
  /**
   * The service or target (for `--set` of bake, a pattern) of which other files may say what this one leaves open; null when
   * it leaves nothing open.
   */
  readonly part: string | null;
}

/** A build by a Dockerfile that the caller names, whether or not it is handed an argument. */
export interface NamedBuild extends Pick<Build, "context" | "folder" | "part"> {
  readonly dockerfile: string;
  /** True when its path starts from the folder of the calling file itself, whatever that folder is. */
  readonly isBeside: boolean;
}

/** What a file says of the build of a compose service or a bake target; null for what it leaves open. */
export interface PartBuild extends Pick<Build, "context" | "dockerfile"> {
  readonly part: string;
}

/** Why an argument is taken for a token. */
export type PassSuspicion =
  /** Its own name says so, or the value is a token that stands in the file. */
  | { readonly kind: "name" | "value" }
  /** It takes its value from something whose name says so; `steps` lead there. */
  | { readonly kind: "source"; readonly source: string; readonly steps: readonly Step[] };

/** A build argument that is handed over. */
export interface Pass {
  readonly argument: string;
  /** Source offsets of name and value as they are written. */
  readonly span: Span;
  /** The value as written, with every token in it masked; null when it is taken from the environment. */
  readonly valueText: string | null;
  /** What the value comes from (`HF_TOKEN`, `secrets.HF_TOKEN`); null when that cannot be said. */
  readonly source: string | null;
  readonly form: PassForm;
  /** Null for an argument that nothing here shows to be a token. */
  readonly suspicion: PassSuspicion | null;
  readonly token: TokenFacts | null;
  readonly confidence: Confidence;
  readonly build: Build;
  /** True when a value that nobody sees here is given: from the environment, or computed. */
  readonly mayCarry: boolean;
  /** Where the Dockerfiles declare it as a token's argument; known only when they are linted together. */
  readonly receivers: readonly SourceLocation[];
}

/** A token-shaped string that stands in the file and is no build argument's value. */
export interface CallerLiteral {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
  readonly span: Span;
}

/** A Dockerfile that stands in the file: `dockerfile_inline` of a compose service, a heredoc that a script builds by. */
export interface InlineDockerfile {
  /** As the build gets it. */
  readonly text: MappedText;
  /** Source offsets. */
  readonly span: Span;
  /** The stages that are built, null for the last one. */
  readonly targets: readonly (string | null)[];
}

/** Everything rules may look at. */
export interface CallerFacts {
  readonly kind: CallerKind;
  readonly path: string;
  readonly source: SourceText;
  /** Stretches of the source that no snippet may show, as offsets. */
  readonly hidden: readonly Span[];
  readonly passes: readonly Pass[];
  /** Every Dockerfile that is named, once for each context and folder. */
  readonly builds: readonly NamedBuild[];
  /** Of compose and bake files. */
  readonly parts: readonly PartBuild[];
  readonly literals: readonly CallerLiteral[];
  readonly ignores: readonly Ignore[];
  readonly inlineDockerfiles: readonly InlineDockerfile[];
}
