/**
 * A Dockerfile as mending looks at it: every instruction with what the names of token variables stand for there, and every
 * RUN with its script. Reads the text through the engine; decides nothing.
 */

import type { DockerfileFacts, TokenVariable } from "../dockerfile/facts.ts";
import { readInstructions } from "../dockerfile/instructions.ts";
import type { Instruction } from "../dockerfile/parse.ts";
import type { RunRecord } from "../dockerfile/run-record.ts";
import type { Definition } from "../dockerfile/scope.ts";
import { offsetAt } from "../dockerfile/source-text.ts";
import { split, type SplitDockerfile } from "../dockerfile/split.ts";
import type { Stage } from "../dockerfile/stages.ts";
import { visitAll } from "../dockerfile/visit.ts";
import type { Finding } from "../model/finding.ts";
import { isInSource } from "../model/location.ts";

/** An instruction in its place. */
export interface PlacedInstruction {
  readonly instruction: Instruction;
  /** Null before the first FROM. */
  readonly stage: Stage | null;
  /** What the names of token variables stand for here. */
  readonly visible: ReadonlyMap<string, Definition>;
  /** What a RUN runs; null for any other instruction. */
  readonly run: RunRecord | null;
}

/** A Dockerfile that was read in full. */
export interface DockerfileReading {
  readonly text: string;
  readonly parts: SplitDockerfile;
  readonly facts: DockerfileFacts;
  readonly stages: readonly Stage[];
  readonly definitions: readonly Definition[];
  readonly placed: readonly PlacedInstruction[];
  /** The variable that a definition is, when it carries a token. */
  readonly variableAt: (definition: Definition) => TokenVariable | null;
}

/** Reads a Dockerfile of which the facts are known. */
export function readForFix(facts: DockerfileFacts): DockerfileReading {
  const { source } = facts;
  const parts = split(source.text);
  const { instructions } = readInstructions(facts.path, source, parts);
  const names = new Set(facts.variables.map(({ name }) => name));
  const seen: Omit<PlacedInstruction, "run">[] = [];
  const { stages, definitions, records } = visitAll(instructions, parts.escape, {
    see: (instruction, stage, scope) => {
      const visible = new Map<string, Definition>();
      for (const name of names) {
        const definition = scope(name);
        if (definition !== undefined) visible.set(name, definition);
      }
      seen.push({ instruction, stage, visible });
    },
  });
  const runs = new Map(records.map((record) => [record.instruction, record]));
  const placed = seen.map((item) => ({ ...item, run: runs.get(item.instruction) ?? null }));
  const variables = new Map(facts.variables.map((variable) => [`${variable.span.start} ${variable.name}`, variable]));
  const variableAt = ({ span, name }: Definition): TokenVariable | null =>
    variables.get(`${span.start} ${name}`) ?? null;
  return { text: source.text, parts, facts, stages, definitions, placed, variableAt };
}

/** The source offsets at which findings of these rules start, and whether someone suppressed them. */
export function findingsAt(
  { facts }: DockerfileReading,
  findings: readonly Finding[],
  rules: readonly string[],
): ReadonlyMap<number, "open" | "suppressed"> {
  const found = new Map<number, "open" | "suppressed">();
  for (const { rule, suppressed, locations } of findings) {
    const [place] = locations;
    if (!rules.includes(rule) || place === undefined || !isInSource(place)) continue;
    found.set(offsetAt(facts.source, place.region.start), suppressed === null ? "open" : "suppressed");
  }
  return found;
}

/** True when a stretch of the source holds a comment line, which a fix may not take along. */
export function holdsComment({ parts }: DockerfileReading, from: number, to: number): boolean {
  return parts.comments.some(({ start }) => start >= from && start < to);
}

/** All text of an instruction, heredocs included. */
export function wholeText({ line }: Instruction): string {
  return [line.text, ...line.heredocs.map(({ text }) => text)].join("\n");
}
