/** Joins the places of one token. Pure; knows no single rule. */

import type { ImageFacts } from "../../image/facts.ts";
import type { TokenFacts } from "../../model/finding.ts";
import type { Confidence, Level } from "../../model/level.ts";
import type { Location } from "../../model/location.ts";

/** Related places beyond this help nobody. */
const MAX_RELATED = 10;

interface Sighting<L extends Location> {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
  readonly location: L;
}

/** Where in the file a location is: the same for all layers that hold it. */
export function pathKey(location: Location): string {
  if (location.in === "layer") return `${location.path}\0${location.within.join("\0")}`;
  if (location.in === "archive") return location.path;
  return `${location.in} ${"pointer" in location ? location.pointer : ""}`;
}

/** Sightings of one token at one place, such as a path in whichever layers: the first that is live stands first. */
export function byTokenAndPath<T extends Sighting<Location>>(
  sightings: readonly T[],
  keyOf: (sighting: T) => string = ({ location }) => pathKey(location),
): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const sighting of sightings) {
    const key = `${sighting.token.sha256} ${keyOf(sighting)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sighting]);
    else if (isHidden(group[0].location) && !isHidden(sighting.location)) group.unshift(sighting);
    else group.push(sighting);
  }
  return [...groups.values()];
}

function isHidden(location: Location): boolean {
  return location.in === "layer" && location.hidden !== null;
}

function asRelated(location: Location, text: string | null): Location {
  return { ...location, role: "related", text: location.text ?? text };
}

/** Every place of a token in the image. */
function placesOf(facts: ImageFacts, sha256: string): Location[] {
  const all: readonly Sighting<Location>[] = [
    ...facts.configTokens,
    ...facts.historyTokens,
    ...facts.attestationTokens,
    ...facts.layerTokens,
    ...facts.archiveTokens,
  ];
  return all.filter(({ token }) => token.sha256 === sha256).map(({ location }) => location);
}

/** What the second place of a token is to the first, which has the same path. */
function sameText(location: Location, first: Location): string {
  if (location.in !== "layer") return "the same in another place";
  const isSameLayer = first.in === "layer" && first.layer === location.layer;
  return isSameLayer ? "the same once more in this layer" : "the same in another layer";
}

/** The group's own places, the first of them primary, then the other places of the token in the image; each one once. */
export function locationsOf(
  facts: ImageFacts,
  group: readonly [Sighting<Location>, ...Sighting<Location>[]],
): Location[] {
  const [first, ...rest] = group;
  const own = new Set(group.map(({ location }) => location));
  const others = placesOf(facts, first.token.sha256).filter((location) => !own.has(location));
  const known = new Set([JSON.stringify(first.location)]);
  const related: Location[] = [];
  for (const location of [...rest.map((sighting) => sighting.location), ...others]) {
    if (related.length === MAX_RELATED) break;
    const key = JSON.stringify(location);
    if (known.has(key)) continue;
    known.add(key);
    related.push(asRelated(location, own.has(location) ? sameText(location, first.location) : "the same token"));
  }
  return [first.location, ...related];
}

/** A token that is public on purpose is a note, whatever its place. */
export function levelOf(token: TokenFacts, confidence: Confidence): Level {
  if (token.known !== null) return "note";
  return confidence === "low" ? "warning" : "error";
}
