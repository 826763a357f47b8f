/**
 * Joins what was found in images with the Dockerfiles that they were built from: a finding in an image gets the line that
 * made it, or the FROM that brought it in; a finding in a Dockerfile learns which image confirms it. Pure.
 */

import { alignHistory } from "./align-history.ts";
import type { BuildChain } from "./dockerfile/build-step.ts";
import { locationOf } from "./dockerfile/place.ts";
import type { ImageHistory } from "./image/history.ts";
import { readHistoryStep } from "./image/history-step.ts";
import { originOf, type Cause, type JoinedImage } from "./image-origin.ts";
import type { Finding } from "./model/finding.ts";
import { isInSource, overlaps, type Location, type SourceLocation } from "./model/location.ts";

/** Image places that one finding of a Dockerfile names. */
const MAX_CONFIRMATIONS = 3;

/** Which findings of a Dockerfile a finding in an image can confirm, when it comes from their very instruction. */
export const CONFIRMS: Readonly<Record<string, readonly string[]>> = {
  "token-file-in-layer": [
    "login-in-build",
    "token-written-to-file",
    "token-in-build-context",
    "token-copied-from-stage",
    "cache-copied",
  ],
  "credential-store-in-layer": [
    "login-in-build",
    "token-in-url",
    "token-written-to-file",
    "token-in-build-context",
    "token-copied-from-stage",
  ],
  "token-in-layer": [
    "token-in-url",
    "token-literal",
    "token-written-to-file",
    "token-in-build-context",
    "token-copied-from-stage",
    "cache-copied",
  ],
  "token-in-image-config": ["token-in-environment", "token-in-metadata", "token-literal"],
  "token-in-history": [
    "token-in-build-argument",
    "token-in-environment",
    "token-in-metadata",
    "token-in-url",
    "token-literal",
  ],
  "token-in-attestation": ["token-in-build-argument", "token-in-environment", "token-literal"],
};

function isSamePlace(a: SourceLocation, b: SourceLocation): boolean {
  return a.in === b.in && a.path === b.path && overlaps(a.region, b.region);
}

function placeOfCause({ facts, span, text }: Cause): SourceLocation {
  return locationOf(facts, span, "related", text);
}

/** The build argument that a place in a provenance statement is the value of. */
function buildArgumentAt(location: Location): string | null {
  if (location.in !== "attestation") return null;
  return /\/build-arg:([A-Za-z_]\w*)$/.exec(location.pointer)?.[1] ?? null;
}

/** Everything that the joining of one run works on. */
interface Join {
  readonly lint: readonly Finding[];
  readonly images: ReadonlyMap<string, JoinedImage>;
  /** The places in images that confirm a finding of the project. */
  readonly confirmations: Map<Finding, Location[]>;
}

function confirm({ confirmations }: Join, finding: Finding, location: Location, text: string): void {
  const known = confirmations.get(finding) ?? [];
  known.push({ ...location, role: "related", text });
  confirmations.set(finding, known);
}

/** The findings of the project at a cause, that a finding of an image may confirm. */
function confirmedAt(join: Join, finding: Finding, cause: SourceLocation): Finding[] {
  const rules = CONFIRMS[finding.rule] ?? [];
  return join.lint.filter((other) => {
    const [place] = other.locations;
    if (place === undefined || !isInSource(place) || !rules.includes(other.rule) || !isSamePlace(place, cause))
      return false;
    return finding.token === null || other.token === null || finding.token.sha256 === other.token.sha256;
  });
}

/** Findings of the project that show the same token; where the Dockerfile is known, of this one alone. */
function sameToken(join: Join, finding: Finding, causes: readonly SourceLocation[]): Finding[] {
  const { token } = finding;
  if (token === null) return [];
  return join.lint.filter((other) => {
    const [place] = other.locations;
    if (place === undefined || !isInSource(place) || other.token?.sha256 !== token.sha256) return false;
    return causes.length === 0 || causes.some(({ path }) => path === place.path);
  });
}

function imageOf(location: Location): string | null {
  return "image" in location ? location.image : null;
}

/** One place for each stretch, in order; of two the first. */
function distinct(places: readonly SourceLocation[]): SourceLocation[] {
  return places.filter(
    (place, i) => places.findIndex((other) => other.path === place.path && isSamePlace(other, place)) === i,
  );
}

/** The places that a finding is about: of one value or file, which several entries or layers may hold. */
function ownPlaces(first: Location, related: readonly Location[]): Location[] {
  const isOwn = (other: Location): boolean => {
    if (first.in === "layer" && other.in === "layer") {
      return [first.path, ...first.within].join("\0") === [other.path, ...other.within].join("\0");
    }
    const hasVariable = first.in === "history" && other.in === "history" && first.variable !== null;
    return hasVariable && first.variable === other.variable;
  };
  return [first, ...related.filter((other) => isOwn(other))];
}

/** A finding of an image with the lines of the project that it comes from. */
function withSource(join: Join, finding: Finding): Finding {
  const [first, ...others] = finding.locations;
  const image = first === undefined ? null : imageOf(first);
  const joined = image === null ? undefined : join.images.get(image);
  if (first === undefined) return finding;
  const origins = joined === undefined ? [] : ownPlaces(first, others).map((place) => originOf(place, joined));
  const causes = origins.flatMap((origin) => origin.causes);
  const base = origins.every((origin) => origin.base !== null) ? (origins[0]?.base ?? null) : null;
  const argument = buildArgumentAt(first);
  const declared = (joined?.alignments ?? []).flatMap(({ chain: { facts } }) =>
    facts.variables
      .filter(({ kind, name }) => kind === "arg" && name === argument)
      .map(({ span }): Cause => ({ facts, span, text: "the build argument is declared here" })),
  );
  const places = [...causes, ...declared].map((cause) => placeOfCause(cause));
  const exact = places.flatMap((cause): SourceLocation[] => {
    const confirmed = confirmedAt(join, finding, cause);
    for (const other of confirmed) confirm(join, other, first, "confirmed by the image");
    const regions = confirmed.flatMap(({ locations: [place] }) =>
      place !== undefined && isInSource(place) ? [{ ...place, role: "related" as const, text: cause.text }] : [],
    );
    return regions.length > 0 ? regions : [cause];
  });
  const twins = sameToken(join, finding, places).flatMap((other): SourceLocation[] => {
    const [place] = other.locations;
    const isKnown = join.confirmations.get(other)?.some((known) => imageOf(known) === image) ?? false;
    if (!isKnown) confirm(join, other, first, "the image holds the same token");
    return place !== undefined && isInSource(place)
      ? [{ ...place, role: "related", text: "the same token stands here" }]
      : [];
  });
  const from = base === null ? [] : [placeOfCause(base.cause)];
  const sources = distinct([...exact, ...from, ...twins]);
  if (sources.length === 0) return finding;
  const located = { ...finding, locations: [first, ...sources, ...others] };
  if (base === null) return located;
  const { path } = base.cause.facts;
  const message = `${finding.message} It comes from the base image: ${base.what} lies below what ${path} builds`;
  // Made by another Dockerfile of the project, it is certain.
  if (causes.length > 0) return { ...located, message: `${message}.` };
  const fix = `Revoke the token, and build again on a base image without it: no instruction of ${path} can take it away.`;
  return { ...located, message: `${message}, unless an instruction was taken out of it since.`, fix };
}

/** A finding of the project with the images that confirm it. */
function withImages(join: Join, finding: Finding): Finding {
  const places = join.confirmations.get(finding) ?? [];
  if (places.length === 0) return finding;
  const kinds = new Map<string, Location>();
  for (const place of places) {
    const key = `${imageOf(place) ?? ""} ${place.in}`;
    if (!kinds.has(key)) kinds.set(key, place);
  }
  const confirmedBy = [...new Set(places.flatMap((place) => imageOf(place) ?? []))];
  return {
    ...finding,
    confirmedBy,
    locations: [...finding.locations, ...[...kinds.values()].slice(0, MAX_CONFIRMATIONS)],
  };
}

/** Findings of both halves, each knowing of the other. */
export interface Joined {
  readonly lint: readonly Finding[];
  readonly image: readonly Finding[];
}

/**
 * Joins the findings of a project with those of images.
 * @param chains what the project's Dockerfiles build
 * @param redact masks every secret that either half has seen
 */
export function joinImages(
  findings: Joined,
  histories: readonly ImageHistory[],
  chains: readonly BuildChain[],
  redact: (text: string) => string,
): Joined {
  const images = new Map<string, JoinedImage>();
  const unclear = new Set<string>();
  for (const { image, history } of histories) {
    const known = images.get(image)?.history;
    // Two images of one name: which of them a finding is of cannot be told.
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(history)) unclear.add(image);
    const entries = history.entries.map(({ createdBy, isAsWritten }) =>
      createdBy === null ? null : readHistoryStep(createdBy, isAsWritten),
    );
    images.set(image, { image, history, entries, alignments: alignHistory(history.entries, chains, redact) });
  }
  for (const image of unclear) images.delete(image);
  const join: Join = { lint: findings.lint, images, confirmations: new Map() };
  const image = findings.image.map((finding) => withSource(join, finding));
  return { image, lint: findings.lint.map((finding) => withImages(join, finding)) };
}
