/**
 * Files whose text stands in the Dockerfile itself: heredocs of COPY, and what `cat`, `tee`, `echo` and `printf` of a RUN
 * write. What is started later may be one of them.
 */

import { destinationOf } from "./copy-destination.ts";
import type { CopyRecord } from "./copy-record.ts";
import { normalPath } from "./home-path.ts";
import { printedText } from "./inner-text.ts";
import type { Invocation } from "./invocation.ts";
import type { MappedText } from "./mapped-text.ts";
import type { RunRecord } from "./run-record.ts";
import { operands, pathText } from "./shell-path.ts";

/** A file whose text is known. */
export interface TypedScript {
  readonly stage: number;
  /** Source offset of what writes it. */
  readonly at: number;
  /** Normal paths that it may have. */
  readonly paths: readonly string[];
  readonly text: () => MappedText | null;
}

const PRINTERS = /^(?:cat|tee|echo|printf)$/;

/** The files that a command writes the text of. */
function writtenBy(invocation: Invocation, { stage, environmentOf }: RunRecord): TypedScript[] {
  const { program, args, command, start } = invocation;
  if (!PRINTERS.test(program)) return [];
  const files = command.redirects.filter(({ operator }) => operator === ">" || operator === ">|");
  const words = program === "tee" ? operands(args) : files.map(({ target }) => target);
  return words.flatMap((word): TypedScript[] => {
    const path = pathText(word);
    if (path === null) return [];
    const paths = [normalPath(path, environmentOf(invocation))];
    return [{ stage, at: start, paths, text: () => printedText(invocation) }];
  });
}

/** All files whose text stands in the Dockerfile, in its order. */
export function typedScripts(records: readonly RunRecord[], copies: readonly CopyRecord[]): TypedScript[] {
  const copied = copies.flatMap((copy) =>
    copy.instruction.line.heredocs.map((heredoc): TypedScript => {
      const { paths } = destinationOf(copy, heredoc.name, copy.words.length > 2);
      return { stage: copy.stage, at: copy.instruction.line.start, paths, text: () => heredoc };
    }),
  );
  const written = records.flatMap((record) =>
    record.script.invocations.flatMap((invocation) => writtenBy(invocation, record)),
  );
  return [...copied, ...written].toSorted((a, b) => a.at - b.at);
}
