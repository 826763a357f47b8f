/** Finds COPY and ADD of a Hugging Face home from the build context or from another image. */

import { findsOf, type ContextLook } from "./context-leak.ts";
import { isRemote, type CopyRecord, type CopyWord } from "./copy-record.ts";
import { destinationOf } from "./copy-destination.ts";
import type { CacheCopy } from "./facts.ts";
import { isHuggingFaceHome, isTokenFile } from "./home-path.ts";
import { flagValue } from "./parse.ts";
import { stageNamed, type Stage } from "./stages.ts";
import { basename } from "./wrappers.ts";

/** The sources that are Hugging Face homes, by their own name or by the place they are copied to, in the context or in another image. */
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
  homes: ReadonlySet<CopyWord>,
  look: ContextLook,
): CacheCopy[] {
  return copies.flatMap((record): CacheCopy[] => {
    const { instruction, words, reach } = record;
    const from = flagValue(instruction, "from");
    return words.slice(0, -1).flatMap((word): CacheCopy[] => {
      const { text, span } = word;
      if (!homes.has(word)) return [];
      const { paths, environment } = destinationOf(record, basename(text), words.length > 2);
      const tokenFile = paths.find((path) => isTokenFile(path, environment)) ?? null;
      const copy = { keyword: instruction.keyword, span, source: text, from, tokenFile, reach, find: null };
      const source = look.sources.get(word);
      if (look.context === null || source?.isOnDisk !== true) return [copy];
      const hits = source.hits.filter((hit) => hit.isTokenFile);
      return findsOf(look.context, hits).map((find) => ({ ...copy, find }));
    });
  });
}
