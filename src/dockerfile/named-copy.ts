/**
 * Finds COPY and ADD of a file that is not on disk to look at, but whose name says that it is a Hugging Face token:
 * whoever builds puts it there before.
 */

import type { ContextLook } from "./context-leak.ts";
import { contextSources, type CopyRecord, type CopyWord } from "./copy-record.ts";
import type { NamedCopy } from "./facts.ts";
import { basename } from "./wrappers.ts";

const TOKEN_FILE =
  /^\.?(?:hf|hugging[-_]?face)(?:[-_]?(?:hub|api|access|read|write|user))*[-_]?(?:token|secret|key)(?:[-_.](?:te?mp|file))?(?:\.(?:txt|key|secret|token))?$/i;

/** The copies of files that only their names tell of. */
export function namedCopies(
  copies: readonly CopyRecord[],
  homes: ReadonlySet<CopyWord>,
  look: ContextLook,
): NamedCopy[] {
  return copies.flatMap((record) =>
    contextSources(record).flatMap((word): NamedCopy[] => {
      const { text, span } = word;
      const isToken = TOKEN_FILE.test(basename(text)) && !homes.has(word);
      if (!isToken || look.sources.get(word)?.isOnDisk === true) return [];
      return [{ keyword: record.instruction.keyword, span, source: text, reach: record.reach }];
    }),
  );
}
