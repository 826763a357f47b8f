/**
 * Where a place in an image comes from: the stretch of a Dockerfile that made it, or the FROM that brought it in with the
 * base image. Pure; tells nothing that the history does not show.
 */

import type { Alignment } from "./align-history.ts";
import type { BuildStep } from "./dockerfile/build-step.ts";
import type { DockerfileFacts } from "./dockerfile/facts.ts";
import type { Span } from "./dockerfile/mapped-text.ts";
import type { ImageHistory } from "./image/history.ts";
import type { HistoryStep } from "./image/history-step.ts";
import type { Location } from "./model/location.ts";

/** An image with what its history was laid over. */
export interface JoinedImage extends ImageHistory {
  readonly entries: readonly (HistoryStep | null)[];
  readonly alignments: readonly Alignment[];
}

/** The stretch of a Dockerfile that a place in an image comes from. */
export interface Cause {
  readonly facts: DockerfileFacts;
  readonly span: Span;
  readonly text: string;
}

/** Where a place in an image comes from. */
export interface Origin {
  readonly causes: readonly Cause[];
  /** The FROM that brought it in, and what lies below the Dockerfile's own; null when it is the Dockerfile's own. */
  readonly base: { readonly cause: Cause; readonly what: string } | null;
}

/** The fields of a config and the instruction that sets each. */
const SETTERS: Readonly<Record<string, string>> = {
  Cmd: "CMD",
  Entrypoint: "ENTRYPOINT",
  Healthcheck: "HEALTHCHECK",
  OnBuild: "ONBUILD",
  Shell: "SHELL",
  User: "USER",
  WorkingDir: "WORKDIR",
};

function setsVariable(entry: HistoryStep | null, keywords: readonly string[], name: string): boolean {
  if (entry === null || !keywords.includes(entry.keyword)) return false;
  return (
    ` ${entry.text} `.includes(` ${name}=`) || (entry.keyword === "ARG" && ` ${entry.text} `.includes(` ${name} `))
  );
}

/** The entry of the history that a place comes from, and the variable in it; null when nobody can tell. */
function entryOf(location: Location, { history, entries }: JoinedImage): { index: number; name: string | null } | null {
  const last = (keywords: readonly string[], name: string | null, before: number): typeof found => {
    const index = entries.findLastIndex(
      (entry, i) =>
        i < before && (name === null ? keywords.includes(entry?.keyword ?? "") : setsVariable(entry, keywords, name)),
    );
    return index === -1 ? null : { index, name };
  };
  let found: { index: number; name: string | null } | null = null;
  if (location.in === "layer") {
    const index = history.entryOfLayer[location.layer] ?? null;
    found = index === null ? null : { index, name: null };
  } else if (location.in === "history") {
    const { index, variable } = location;
    const isArgument = variable !== null && entries[index]?.keyword === "RUN";
    found = isArgument ? last(["ARG"], variable, index) : { index, name: variable };
  } else if (location.in === "config") {
    const { pointer, variable } = location;
    const [, field = ""] = /^\/config\/([A-Za-z]+)(?:\/|$)/.exec(pointer) ?? [];
    if (variable !== null) {
      const isLabel = pointer.includes("/Labels/");
      found = last([isLabel ? "LABEL" : "ENV"], variable, entries.length);
    } else if (SETTERS[field] !== undefined) found = last([SETTERS[field]], null, entries.length);
  }
  return found;
}

function whatMade(location: Location, step: BuildStep): string {
  if (location.in === "layer") return "this instruction made the layer";
  if (location.in === "config") return "this instruction set the value";
  return step.keyword === "ARG" ? "the build argument is declared here" : "this instruction wrote the history";
}

/** Where a place of an image comes from; no cause when its history tells nothing for certain. */
export function originOf(location: Location, joined: JoinedImage): Origin {
  const entry = entryOf(location, joined);
  if (entry === null) return { causes: [], base: null };
  const { index, name } = entry;
  const causes = joined.alignments.flatMap(({ chain: { facts }, stepOf }): Cause[] => {
    const step = stepOf.get(index);
    if (step === undefined) return [];
    const span = step.sets.find((set) => set.name === name)?.span ?? step.span;
    return [{ facts, span, text: whatMade(location, step) }];
  });
  // Of several Dockerfiles above each other the nearest one brought it in.
  const [above] = joined.alignments.filter(({ baseEnd }) => index < baseEnd).toSorted((a, b) => a.baseEnd - b.baseEnd);
  if (above === undefined) return { causes, base: null };
  const { facts, from } = above.chain;
  const what = location.in === "layer" ? `layer ${location.layer}` : `history entry ${index}`;
  return { causes, base: { what, cause: { facts, span: from, text: "the base image comes in here" } } };
}
