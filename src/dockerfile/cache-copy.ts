/** Finds COPY and ADD of a Hugging Face home, from the build context or from a stage in which a login left its files. */

import { findsOf, type ContextLook } from "./context-leak.ts";
import { isRemote, type CopyRecord, type CopyWord } from "./copy-record.ts";
import type { CacheCopy, Login, Step } from "./facts.ts";
import { covers, isHuggingFaceHome } from "./home-path.ts";
import { flagValue } from "./parse.ts";
import type { RunRecord } from "./run-record.ts";
import { stageNamed, type Stage } from "./stages.ts";

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

/** The sources that are Hugging Face homes, by their own name or by the place they are copied to; stages have logins. */
export function homeSources(copies: readonly CopyRecord[], stages: readonly Stage[]): Set<CopyWord> {
  const homes = copies.flatMap(({ instruction, words, environment }) => {
    const from = flagValue(instruction, "from");
    if (from !== null && stageNamed(stages, from) !== null) return [];
    const isHomeThere = isHuggingFaceHome(words.at(-1)?.text ?? "", environment);
    return words.slice(0, -1).filter(({ text }) => {
      const isModels = /(?:^|\/)(?:hub|snapshots)(?:\/|$)|(?:models|datasets|spaces)--/.test(text);
      const takesHome = isHuggingFaceHome(text, environment) || (isHomeThere && !isModels && !text.startsWith("<<"));
      return takesHome && !isRemote(text);
    });
  });
  return new Set(homes);
}

/** Every copy that takes, or may take, a token along. A home that is on disk, and holds none, is not in it. */
export function cacheCopies(
  copies: readonly CopyRecord[],
  stages: readonly Stage[],
  records: readonly RunRecord[],
  logins: ReadonlyMap<RunRecord, readonly Login[]>,
  homes: ReadonlySet<CopyWord>,
  look: ContextLook,
): CacheCopy[] {
  return copies.flatMap(({ instruction, words, reach }): CacheCopy[] => {
    const from = flagValue(instruction, "from");
    const stage = from === null ? null : stageNamed(stages, from);
    return words.slice(0, -1).flatMap((word): CacheCopy[] => {
      const { text, span } = word;
      const copy = { keyword: instruction.keyword, span, source: text, from, reach, login: null, find: null };
      if (stage !== null) {
        const login = loginUnder(text, lineage(stages, stage), records, logins);
        return login === null ? [] : [{ ...copy, login }];
      }
      if (!homes.has(word)) return [];
      const source = look.sources.get(word);
      if (look.context === null || source?.isOnDisk !== true) return [copy];
      const hits = source.hits.filter(({ isTokenFile }) => isTokenFile);
      return findsOf(look.context, hits).map((find) => ({ ...copy, find }));
    });
  });
}
