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

/**
 * Groups the instructions by stage. `expand` gives the text of a FROM's image with the global ARGs put in, so that
 * `FROM ${BASE}` finds a stage by name. The last stage is the one that is built, with those it is FROM.
 */
export function readStages(
  instructions: readonly Instruction[],
  expand: (image: Argument, from: Instruction) => string,
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
  for (let at: number | null = drafts.length - 1; at !== null && at >= 0; at = drafts[at]?.base ?? null) final.add(at);
  return drafts.map((draft, index): Stage => ({
    ...draft,
    index,
    reach: final.has(index) ? "final" : "stage",
    firesInFinal: drafts.some((other, i) => other.base === index && final.has(i)),
  }));
}

/** The stage that `COPY --from=` names, by name or number; null for an image from elsewhere. */
export function stageNamed(stages: readonly Stage[], name: string): Stage | null {
  const byName = stages.findLast((stage) => stage.name === name.toLowerCase());
  if (byName !== undefined) return byName;
  return /^\d+$/.test(name) ? (stages[Number(name)] ?? null) : null;
}
