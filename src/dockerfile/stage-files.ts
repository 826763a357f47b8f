/**
 * Which files with a token lie in each stage when it ends, and which of them COPY --from takes along. COPY takes the
 * merged view of a stage, so a later deletion in it does count. Compares paths as text; touches no file.
 */

import { belowTarget, destinationOf } from "./copy-destination.ts";
import type { CopyRecord, CopyWord } from "./copy-record.ts";
import type { StageCopy, Step } from "./facts.ts";
import { normalPath, relativeTo, type Environment } from "./home-path.ts";
import { mayRemove, removes } from "./login.ts";
import { flagValue } from "./parse.ts";
import { compilePatterns, matchEntry } from "./pattern-list.ts";
import type { RunRecord } from "./run-record.ts";
import { stageNamed, type Stage } from "./stages.ts";
import { isSurelyAfter } from "./surely-after.ts";

/** A file with a token, as an instruction leaves it. */
export interface LeftFile {
  readonly stage: number;
  /** Where its instruction starts. */
  readonly at: number;
  /** Normal paths: the likeliest first, and what it may be instead. */
  readonly paths: readonly string[];
  readonly environment: Environment;
  /** From the source of the token to the instruction that leaves it. */
  readonly steps: readonly Step[];
}

/** More files of one kind than a reader follows; past this a stage's further files are not followed into other stages. */
const MAX_FILES = 2000;
/** Commands that delete, in one stage, that are looked at. */
const MAX_DELETIONS = 2000;

/** True when the RUN deletes the file for sure. */
function deletes({ script, environmentOf }: RunRecord, { paths, environment }: LeftFile): boolean {
  return script.invocations.some((invocation) => {
    if (!mayRemove(invocation) || !isSurelyAfter(invocation, null)) return false;
    const own = environmentOf(invocation);
    const place: Environment = (name) => (name === "HOME" ? (environment(name) ?? own(name)) : own(name));
    return paths.some((path) => removes(invocation, path, place));
  });
}

/** True when `--exclude` leaves out what lies at this path below a source. */
function isExcluded({ instruction }: CopyRecord, path: string): boolean {
  const flags = instruction.flags.map(({ text }) => text).filter((text) => text.startsWith("--exclude="));
  if (flags.length === 0) return false;
  const list = compilePatterns(flags.map((text) => text.slice("--exclude=".length)));
  return !("malformed" in list) && matchEntry(list, path, null).isMatched;
}

/** Where the files of a source go that lie below it; null when none of the paths does. */
function taken(copy: CopyRecord, word: CopyWord, file: LeftFile): Pick<LeftFile, "paths" | "environment"> | null {
  const absolute = word.text.startsWith("/") ? word.text : `/${word.text}`;
  const source = normalPath(absolute, file.environment);
  const isSeveral = copy.words.length > 2;
  for (const path of file.paths) {
    const below = relativeTo(source, path);
    if (below === null) continue;
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (isExcluded(copy, below === "" ? name : below)) continue;
    if (flagValue(copy.instruction, "parents") !== null)
      return belowTarget(copy, path.replace(/^~/, file.environment("HOME") ?? "root"));
    if (below !== "") return belowTarget(copy, below);
    return /[*?[]/.test(source) ? belowTarget(copy, name) : destinationOf(copy, name, isSeveral);
  }
  return null;
}

/** Follows the files with tokens through all stages, and gives the copies that bring one into the final image or a child's. */
export function stageCopies(
  stages: readonly Stage[],
  left: readonly LeftFile[],
  copies: readonly CopyRecord[],
  deleting: readonly RunRecord[],
): StageCopy[] {
  const found: StageCopy[] = [];
  if (left.length === 0) return found;
  const inStage = new Map<number, LeftFile[]>();
  type Event = { readonly at: number; readonly apply: (files: LeftFile[]) => LeftFile[] };
  const events = new Map<number, Event[]>();
  const add = (stage: number, event: Event): void => {
    const own = events.get(stage);
    if (own === undefined) events.set(stage, [event]);
    else own.push(event);
  };

  for (const file of left) add(file.stage, { at: file.at + 0.5, apply: (files) => [...files.slice(-MAX_FILES), file] });
  for (const record of deleting.slice(0, MAX_DELETIONS)) {
    const { stage, instruction } = record;
    add(stage, { at: instruction.line.start, apply: (files) => files.filter((file) => !deletes(record, file)) });
  }
  for (const copy of copies) {
    const { instruction, stage, reach, words } = copy;
    const from = flagValue(instruction, "from");
    const origin = from === null ? null : stageNamed(stages, from);
    if (from === null || origin === null || origin.index >= stage) continue;
    const apply = (files: LeftFile[]): LeftFile[] => {
      const arrived: LeftFile[] = [];
      for (const word of words.slice(0, -1)) {
        const hits = (inStage.get(origin.index) ?? []).flatMap((file) => {
          const place = taken(copy, word, file);
          return place === null ? [] : [{ file, place }];
        });
        const [first] = hits;
        if (first === undefined) continue;
        const { span, text: source } = word;
        for (const { file, place } of hits) {
          const step = { span, text: `${instruction.keyword} takes it from the stage ${from} here` };
          arrived.push({ ...place, stage, at: instruction.line.start, steps: [...file.steps, step].slice(-MAX_STEPS) });
        }
        if (reach === "stage") continue;
        const { keyword } = instruction;
        const [path = ""] = first.file.paths;
        found.push({ keyword, span, source, from, path, reach, steps: first.file.steps });
      }
      return [...files, ...arrived].slice(-MAX_FILES);
    };
    add(stage, { at: instruction.line.start, apply });
  }

  for (const stage of stages) {
    let files = stage.base === null ? [] : (inStage.get(stage.base) ?? []);
    for (const { apply } of (events.get(stage.index) ?? []).toSorted((a, b) => a.at - b.at)) files = apply(files);
    inStage.set(stage.index, files);
  }
  return found;
}

/** Longer chains than any reader follows are cut. */
const MAX_STEPS = 16;
