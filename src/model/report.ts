/** The report, version 1: the one value that every output format, the verdict and the exit code come from. */

import type { Finding } from "./finding.ts";
import type { Gap } from "./gap.ts";
import type { SourceKind } from "./location.ts";

/** `unknown`: nothing found at the policy's level, but something was not looked at. */
export type Verdict = "pass" | "fail" | "unknown";

/** A Dockerfile that was linted. */
export interface DockerfileSubject {
  readonly kind: "dockerfile";
  readonly name: string;
}

/** A file that calls a build and was linted: a compose, bake or CI file, a Makefile or another script. */
export interface CallerSubject {
  readonly kind: Exclude<SourceKind, "dockerfile">;
  readonly name: string;
}

/** How much of an image was read. */
export interface Coverage {
  readonly layers: number;
  /** Entries with content, in all layers. */
  readonly files: number;
  /** Uncompressed bytes of all layers that were searched. */
  readonly bytes: number;
  /** Nested content whose raw bytes were searched but that could not be decoded, counted by kind. */
  readonly undecoded: Readonly<Record<string, number>>;
  /** What an index names and the archive leaves out: platforms, and the `attestation of` one that is there. */
  readonly absentPlatforms: readonly string[];
}

/** An image that was inspected. */
export interface ImageSubject {
  readonly kind: "image";
  readonly name: string;
  /** What was opened, as the user typed it: a path, `-`, `docker-daemon:app:1`. */
  readonly source: string;
  readonly platform: string | null;
  readonly configDigest: string | null;
  readonly coverage: Coverage;
}

/** A thing that was looked at. */
export type Subject = DockerfileSubject | CallerSubject | ImageSubject;

/** What a use case returns before the verdict is known. */
export interface Outcome {
  readonly subjects: readonly Subject[];
  readonly findings: readonly Finding[];
  readonly gaps: readonly Gap[];
  /** What the verdict's reasons also have to say, in a few words each: `2 files ignored by .hullcheck.yaml`. */
  readonly remarks?: readonly string[];
  /** The kind of subject without which nothing was looked at, as an image for the gate; any one will do unless given. */
  readonly needs?: Subject["kind"];
}

/** The whole report. The same input gives the same bytes. */
export interface Report extends Omit<Outcome, "remarks" | "needs"> {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "hullcheck"; readonly version: string };
  readonly verdict: Verdict;
  /** Why, in a few words each: `2 errors`, `1 gap`. */
  readonly because: readonly string[];
}
