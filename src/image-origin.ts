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

function setsVariable(entry: HistoryStep | null, keyword: string, name: string): boolean {
  if (entry?.keyword !== keyword) return false;
  const text = ` ${entry.text} `;
  return text.includes(` ${name}=`) || (keyword === "ARG" && text.includes(` ${name} `));
}

/** What the history tells of a place. */
interface Told {
  /** The entry that shows it: below the Dockerfile's own ones it is the base image's. */
  readonly entry: number;
  /** The entry of the instruction that made it; null when there is none. */
  readonly madeBy: number | null;
  /** The variable that it is the value of. */
  readonly name: string | null;
}

/** What an entry tells that made the place itself. */
function made(entry: number, name: string | null = null): Told | null {
  return entry === -1 ? null : { entry, madeBy: entry, name };
}

/** What the history tells of a place; null for nothing. */
function toldOf(location: Location, { history, entries }: JoinedImage): Told | null {
  if (location.in === "layer") return made(history.entryOfLayer[location.layer] ?? -1);
  if (location.in === "history") {
    const { index, variable } = location;
    if (variable === null || entries[index]?.keyword !== "RUN") return made(index, variable);
    // A build argument ends with its stage, so a RUN never has one of the base image.
    const declared = entries.findLastIndex((entry, i) => i < index && setsVariable(entry, "ARG", variable));
    return { entry: index, madeBy: declared === -1 ? null : declared, name: variable };
  }
  if (location.in !== "config") return null;
  const { pointer, variable } = location;
  if (variable !== null) {
    const keyword = pointer.includes("/Labels/") ? "LABEL" : "ENV";
    return made(
      entries.findLastIndex((entry) => setsVariable(entry, keyword, variable)),
      variable,
    );
  }
  const setter = SETTERS[/^\/config\/([A-Za-z]+)(?:\/|$)/.exec(pointer)?.[1] ?? ""];
  return setter === undefined ? null : made(entries.findLastIndex((entry) => entry?.keyword === setter));
}

function whatMade(location: Location, step: BuildStep): string {
  if (location.in === "layer") return "this instruction made the layer";
  if (location.in === "config") return "this instruction set the value";
  return step.keyword === "ARG" ? "the build argument is declared here" : "this instruction wrote the history";
}

/** Where a place of an image comes from; no cause when its history tells nothing for certain. */
export function originOf(location: Location, joined: JoinedImage): Origin {
  const told = toldOf(location, joined);
  if (told === null) return { causes: [], base: null };
  const { entry, madeBy, name } = told;
  const causes = joined.alignments.flatMap(({ chain: { facts }, stepOf }): Cause[] => {
    const step = madeBy === null ? undefined : stepOf.get(madeBy);
    if (step === undefined) return [];
    const span = step.sets.find((set) => set.name === name)?.span ?? step.span;
    return [{ facts, span, text: whatMade(location, step) }];
  });
  // Of several Dockerfiles above each other the nearest one brought it in.
  const [above] = joined.alignments.filter(({ baseEnd }) => entry < baseEnd).toSorted((a, b) => a.baseEnd - b.baseEnd);
  if (above === undefined) return { causes, base: null };
  const { facts, from } = above.chain;
  const what = location.in === "layer" ? `layer ${location.layer}` : `history entry ${entry}`;
  return { causes, base: { what, cause: { facts, span: from, text: "the base image comes in here" } } };
}
