/** Turns a stretch of a calling file into the location of a finding, with the masked lines that a reader is shown. */

import type { Span } from "../dockerfile/mapped-text.ts";
import { locationOf as locationIn } from "../dockerfile/place.ts";
import type { LocationRole, SourceLocation } from "../model/location.ts";
import type { CallerFacts, Step } from "./facts.ts";

/** The location of a stretch of the file, given as source offsets. */
export function locationOf(
  facts: CallerFacts,
  span: Span,
  role: LocationRole = "primary",
  text: string | null = null,
): SourceLocation {
  return { ...locationIn(facts, span, role, text), in: facts.kind };
}

/** The steps of a flow as related locations, in order. */
export function relatedTo(facts: CallerFacts, steps: readonly Step[]): SourceLocation[] {
  return steps.map(({ span, text }) => locationOf(facts, span, "related", text));
}
