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
import type { ConfigLocation, Location } from "./model/location.ts";

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

/** Which instruction sets a place of the config, and the variable or label that it sets there. */
function setterOf({ pointer, variable }: ConfigLocation): { keyword: string; name: string | null } | null {
  if (variable !== null) return { keyword: pointer.includes("/Labels/") ? "LABEL" : "ENV", name: variable };
  const keyword = SETTERS[/^\/config\/([A-Za-z]+)(?:\/|$)/.exec(pointer)?.[1] ?? ""];
  return keyword === undefined ? null : { keyword, name: null };
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
  const setter = setterOf(location);
  if (setter === null) return null;
  const { keyword, name } = setter;
  const isSetter = (entry: HistoryStep | null): boolean =>
    name === null ? entry?.keyword === keyword : setsVariable(entry, keyword, name);
  return made(entries.findLastIndex(isSetter), name);
}

/** What set a place of the config without writing history. */
interface Unwritten {
  /** The last entry of the Dockerfile that it stands in. */
  readonly entry: number;
  readonly cause: Cause;
}

/** The instruction that set a place of the config last, if it is one that its builder writes no history for. */
function unwrittenAt(location: Location, told: Told | null, { alignments }: JoinedImage): Unwritten | null {
  const setter = location.in === "config" ? setterOf(location) : null;
  if (setter === null) return null;
  const { keyword, name } = setter;
  for (const { chain, stepOf, unwritten, baseEnd } of alignments.toSorted((a, b) => b.baseEnd - a.baseEnd)) {
    const step = unwritten.findLast(
      (other) => other.keyword === keyword && (name === null || setIn(other, name) !== undefined),
    );
    if (step === undefined || (told !== null && told.entry >= baseEnd)) continue;
    return { entry: Math.max(...stepOf.keys()), cause: causeOf(location, chain.facts, step, name) };
  }
  return null;
}

function whatMade(location: Location, step: BuildStep): string {
  if (location.in === "layer") return "this instruction made the layer";
  if (location.in === "config") return "this instruction set the value";
  return step.keyword === "ARG" ? "the build argument is declared here" : "this instruction wrote the history";
}

function setIn(step: BuildStep, name: string | null): { readonly span: Span } | undefined {
  return step.sets.find((set) => set.name === name);
}

function causeOf(location: Location, facts: DockerfileFacts, step: BuildStep, name: string | null): Cause {
  return { facts, span: setIn(step, name)?.span ?? step.span, text: whatMade(location, step) };
}

/** Where a place of an image comes from; no cause when its history tells nothing for certain. */
export function originOf(location: Location, joined: JoinedImage): Origin {
  const told = toldOf(location, joined);
  const unwritten = unwrittenAt(location, told, joined);
  const entry = unwritten?.entry ?? told?.entry;
  if (entry === undefined) return { causes: [], base: null };
  const written = joined.alignments.flatMap(({ chain: { facts }, stepOf }): Cause[] => {
    const step = told === null || told.madeBy === null ? undefined : stepOf.get(told.madeBy);
    return step === undefined || told === null ? [] : [causeOf(location, facts, step, told.name)];
  });
  const causes = unwritten === null ? written : [unwritten.cause];
  // Of several Dockerfiles above each other the nearest one brought it in.
  const [above] = joined.alignments.filter(({ baseEnd }) => entry < baseEnd).toSorted((a, b) => a.baseEnd - b.baseEnd);
  if (above === undefined) return { causes, base: null };
  const { facts, from } = above.chain;
  const what = location.in === "layer" ? `layer ${location.layer}` : `history entry ${entry}`;
  return { causes, base: { what, cause: { facts, span: from, text: "the base image comes in here" } } };
}
