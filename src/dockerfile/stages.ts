/**
 * The stages of a Dockerfile: which one is built on which, and which of them make up the final image. Reads FROM and
 * global ARGs only.
 */

import { isKnownKeyword, type Argument, type Instruction } from "./parse.ts";
import type { Reach } from "./facts.ts";

/** A stage, from its FROM to the next one. */
export interface Stage {
  readonly index: number;
  /** As `AS name` says, in lower case; null without one. */
  readonly name: string | null;
  readonly from: Instruction;
  /** The stage it is built on; null for an image from elsewhere. */
  readonly base: number | null;
  readonly instructions: readonly Instruction[];
  readonly reach: Exclude<Reach, "child">;
  /** True when an ONBUILD of this stage fires in a stage of the final image. */
  readonly firesInFinal: boolean;
}

interface Draft {
  readonly from: Instruction;
  readonly name: string | null;
  readonly base: number | null;
  readonly instructions: Instruction[];
}

function stageName(args: readonly Argument[]): string | null {
  const [, as, name] = args;
  return as?.text.toLowerCase() === "as" && name !== undefined ? name.text.toLowerCase() : null;
}

const WINDOWS_IMAGE = /^mcr\.microsoft\.com\/windows(?:[/:@]|$)|windowsservercore|nanoserver/i;

/** True for the FROM of an image for Windows, by how Microsoft's are named and what official tags are called. */
export function isWindowsImage(from: Instruction): boolean {
  return WINDOWS_IMAGE.test(from.args[0]?.text ?? "");
}

/** A stage, by its index, and those below it that it is FROM: itself first; nothing for an index of no stage. */
export function lineageOf(stages: readonly Pick<Stage, "base">[], index: number): number[] {
  const line: number[] = [];
  for (let at = index, stage = stages[at]; stage !== undefined; stage = stages[at]) {
    line.push(at);
    at = stage.base ?? -1;
  }
  return line;
}

/** The stages that are built: those of these targets, by name or number, and the last one for null or where there is no such stage. */
function builtStages(drafts: readonly Draft[], targets: readonly (string | null)[]): Set<number> {
  const last = drafts.length - 1;
  const named = targets.map((target) => (target === null ? last : stageIndex(drafts, target)));
  const known = named.filter((index) => index !== -1);
  return new Set(known.length > 0 ? known : [last]);
}

/** The index of the stage that a name or number means; -1 for none. */
export function stageIndex(stages: readonly Pick<Stage, "name">[], name: string): number {
  const byName = stages.findLastIndex((stage) => stage.name === name.toLowerCase());
  if (byName !== -1) return byName;
  return /^\d+$/.test(name) && Number(name) < stages.length ? Number(name) : -1;
}

/**
 * Groups the instructions by stage. `expand` gives the text of a FROM's image with the global ARGs put in, so that
 * `FROM ${BASE}` finds a stage by name. The stages of `targets` are those that are built (null for the last one), with
 * those they are FROM.
 */
export function readStages(
  instructions: readonly Instruction[],
  expand: (image: Argument, from: Instruction) => string,
  targets: readonly (string | null)[] = [null],
): Stage[] {
  const drafts: Draft[] = [];
  const byName = new Map<string, number>();
  for (const instruction of instructions) {
    if (instruction.keyword === "FROM") {
      const [image] = instruction.args;
      const base = image === undefined ? undefined : byName.get(expand(image, instruction).toLowerCase());
      const name = stageName(instruction.args);
      drafts.push({ from: instruction, name, base: base ?? null, instructions: [] });
      if (name !== null) byName.set(name, drafts.length - 1);
    } else if (isKnownKeyword(instruction.keyword)) {
      drafts.at(-1)?.instructions.push(instruction);
    }
  }
  const final = new Set<number>();
  for (const built of builtStages(drafts, targets)) {
    for (const index of lineageOf(drafts, built)) final.add(index);
  }
  return drafts.map(({ from, name, base, instructions: own }, index): Stage => ({
    index,
    name,
    from,
    base,
    instructions: own,
    reach: final.has(index) ? "final" : "stage",
    firesInFinal: drafts.some((other, i) => other.base === index && final.has(i)),
  }));
}

/** The stage that `COPY --from=` names, by name or number; null for an image from elsewhere. */
export function stageNamed(stages: readonly Stage[], name: string): Stage | null {
  return stages[stageIndex(stages, name)] ?? null;
}
