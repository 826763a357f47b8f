/**
 * Turns build arguments and variables that carry a token into build secrets: takes the ARG and ENV out, and gives the
 * secret to each RUN that reads them. What cannot be done with certainty is not done. Pure.
 */

import type { Instruction } from "../dockerfile/parse.ts";
import type { Finding } from "../model/finding.ts";
import { findingsAt, type DockerfileReading } from "./dockerfile-reading.ts";
import type { Edit } from "./edit.ts";
import { withoutPairs } from "./removed-pairs.ts";
import { granted, type Grant } from "./secret-mount.ts";
import { tokenGroups, type TokenGroup } from "./token-group.ts";

/** What becomes of a Dockerfile. */
export interface MendedVariables {
  readonly edits: readonly Edit[];
  /** The build arguments that are build secrets now, by their name, which is also the secret's id. */
  readonly secrets: readonly string[];
  /** The variables that the final image no longer has. */
  readonly environment: readonly string[];
}

const RULES = ["token-in-build-argument", "token-in-environment"];

function grantsOf({ argument, readers }: TokenGroup): Grant[] {
  return readers.flatMap(({ placed, name }) => (placed.run === null ? [] : [{ run: placed.run, id: argument, name }]));
}

/** The edits that take the members of groups out; null when one cannot be taken out alone. */
function withoutMembers(reading: DockerfileReading, groups: readonly TokenGroup[]): Edit[] | null {
  const byInstruction = new Map<Instruction, Set<number>>();
  for (const { instruction, span } of groups.flatMap(({ members }) => [...members])) {
    byInstruction.set(instruction, (byInstruction.get(instruction) ?? new Set()).add(span.start));
  }
  const edits: Edit[] = [];
  for (const [instruction, starts] of byInstruction) {
    const made = withoutPairs(reading, instruction, starts);
    if (made === null) return null;
    edits.push(...made);
  }
  return edits;
}

/** True when a finding asks for it, and nobody has said that a part of the group shall stay. */
function isWanted({ members }: TokenGroup, found: ReadonlyMap<number, "open" | "suppressed">): boolean {
  const states = new Set([...members].map(({ span }) => found.get(span.start)));
  return states.has("open") && !states.has("suppressed");
}

/**
 * The edits of a Dockerfile for its findings.
 * @param kept build arguments that have to stay, because of who passes them
 */
export function mendVariables(
  reading: DockerfileReading,
  findings: readonly Finding[],
  kept: ReadonlySet<string> = new Set(),
): MendedVariables {
  const found = findingsAt(reading, findings, RULES);
  const isDoable = (group: TokenGroup): boolean =>
    granted(reading, grantsOf(group)) !== null && withoutMembers(reading, [group]) !== null;
  const groups = tokenGroups(reading).filter(
    (group) => !kept.has(group.argument) && isWanted(group, found) && isDoable(group),
  );
  const given = granted(reading, groups.flatMap(grantsOf));
  const taken = withoutMembers(reading, groups);
  if (given === null || taken === null) return { edits: [], secrets: [], environment: [] };
  return {
    edits: [...given, ...taken],
    secrets: groups.map(({ argument }) => argument),
    environment: [...new Set(groups.flatMap(({ environment }) => environment))],
  };
}
