/** What went wrong while a stream was read: a gap that does not yet know whose it is. */

import type { GapKind } from "../model/gap.ts";

/** A reason why some of a stream was not read, before it is known which image and layer the stream belongs to. */
export interface Problem {
  readonly why: GapKind;
  /** One clear sentence. Holds nothing of the content. */
  readonly detail: string;
}

/** Takes a problem; the same one twice counts once. */
export type Report = (problem: Problem) => void;

/** A list of problems and the function that fills it, each different problem once, a hundred at most. */
export function createProblems(): { readonly list: readonly Problem[]; readonly report: Report } {
  const list: Problem[] = [];
  const report: Report = (problem) => {
    if (list.length < 100 && !list.some((known) => known.why === problem.why && known.detail === problem.detail)) {
      list.push(problem);
    }
  };
  return { list, report };
}
