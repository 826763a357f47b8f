/** One line for each finding and gap, so that a test can say exactly what it expects. */

import type { Location } from "../../src/model/location.ts";
import type { Outcome } from "../../src/model/report.ts";
import { fakeToken } from "./tokens.ts";
import { createHash } from "node:crypto";

const NUMBERS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 40 }, (_, i) => [createHash("sha256").update(fakeToken("user", i)).digest("hex"), i]),
);

/** Where a location is, without what goes without saying. */
export function placeText(location: Location): string {
  switch (location.in) {
    case "layer": {
      const hidden = location.hidden === null ? "" : ` hidden by ${location.hidden.byLayer} (${location.hidden.how})`;
      const at = location.byteOffset === null ? "" : `@${location.byteOffset}`;
      const line = location.line === null ? "" : `:${location.line}`;
      return `${location.layer} ${[location.path, ...location.within].join(" → ")}${at}${line}${hidden}`;
    }
    case "config":
      return `config ${location.pointer}`;
    case "history":
      return `history ${location.index}`;
    case "attestation":
      return `attestation ${location.pointer}`;
    case "context":
      return `context ${location.path}${location.line === null ? "" : `:${location.line}`}`;
    case "archive":
      return `archive ${location.path}${location.byteOffset === null ? "" : `@${location.byteOffset}`}`;
    default:
      return `${location.path}:${location.region.start.line}`;
  }
}

/** `rule #token place`, with the level when it is not error and the encoding when there is one. */
export function findings(outcome: Outcome): string[] {
  return outcome.findings.map(({ rule, level, token, locations }) => {
    const [place] = locations;
    const which = token === null ? "-" : `#${NUMBERS.get(token.sha256) ?? token.family}`;
    const encoding = token === null || token.encoding.length === 0 ? "" : ` ${token.encoding.join(">")}`;
    return `${level === "error" ? "" : `${level} `}${rule} ${which}${encoding} ${place === undefined ? "" : placeText(place)}`;
  });
}

/** `kind at` of every gap. */
export function gaps(outcome: Outcome): string[] {
  return outcome.gaps.map(({ why, at }) => `${why} ${at}`);
}
