/** Finds COPY and ADD of a Hugging Face home, from the build context or from a stage in which a login left its files. */

import type { CacheCopy, Login, Reach, Step } from "./facts.ts";
import { covers, isHuggingFaceHome, type Environment } from "./home-path.ts";
import { toSourceSpan, type Span } from "./mapped-text.ts";
import { flagValue, type Instruction } from "./parse.ts";
import type { RunRecord } from "./run-record.ts";
import { stageNamed, type Stage } from "./stages.ts";

/** A COPY or ADD with its words expanded. */
export interface CopyRecord {
  readonly instruction: Instruction;
  readonly stage: number;
  readonly reach: Reach;
  readonly words: readonly { readonly text: string; readonly span: Span }[];
  readonly environment: Environment;
}

/** The words of a COPY or ADD in either form, expanded by `expand`; the last one is the destination. */
export function copyWords(instruction: Instruction, expand: (span: Span) => string): CopyRecord["words"] {
  const { line, json, args } = instruction;
  const words: readonly Span[] = json !== null && json.problem === null ? json.values : args;
  return words.map((word) => {
    const inner = json === null ? word : { start: word.start + 1, end: word.end - 1 };
    return { text: expand(inner), span: toSourceSpan(line, word.start, word.end) };
  });
}

/** The stage and those it is FROM. */
function lineage(stages: readonly Stage[], stage: Stage): Set<number> {
  const found = new Set<number>();
  for (let at: number | null = stage.index; at !== null; at = stages[at]?.base ?? null) found.add(at);
  return found;
}

/** The login whose files lie under `path` in the merged view of a stage, where a later deletion does count. */
function loginUnder(
  path: string,
  where: ReadonlySet<number>,
  records: readonly RunRecord[],
  logins: ReadonlyMap<RunRecord, readonly Login[]>,
): Step | null {
  for (const record of records) {
    if (!where.has(record.stage)) continue;
    const hit = logins
      .get(record)
      ?.find(
        ({ leaves, deletedLater }) =>
          deletedLater === null && leaves.some((file) => covers(path, file, record.environment)),
      );
    if (hit !== undefined) return { span: hit.span, text: `\`${hit.form}\` leaves the token there` };
  }
  return null;
}

/** Every copy that takes, or may take, a token along. */
export function cacheCopies(
  copies: readonly CopyRecord[],
  stages: readonly Stage[],
  records: readonly RunRecord[],
  logins: ReadonlyMap<RunRecord, readonly Login[]>,
): CacheCopy[] {
  return copies.flatMap(({ instruction, words, reach, environment }): CacheCopy[] => {
    const from = flagValue(instruction, "from");
    const stage = from === null ? null : stageNamed(stages, from);
    const destination = words.at(-1)?.text ?? "";
    const isHomeThere = isHuggingFaceHome(destination, environment);
    return words.slice(0, -1).flatMap(({ text, span }): CacheCopy[] => {
      const copy = { keyword: instruction.keyword, span, source: text, from, reach };
      if (stage !== null) {
        const login = loginUnder(text, lineage(stages, stage), records, logins);
        return login === null ? [] : [{ ...copy, login }];
      }
      const isUrl = /^(?:https?|git|ssh):\/\/|^git@/.test(text);
      const isModels = /(?:^|\/)(?:hub|snapshots)(?:\/|$)|(?:models|datasets|spaces)--/.test(text);
      const takesHome = isHuggingFaceHome(text, environment) || (isHomeThere && !isModels && !text.startsWith("<<"));
      return takesHome && !isUrl ? [{ ...copy, login: null }] : [];
    });
  });
}
