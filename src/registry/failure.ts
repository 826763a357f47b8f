/** How a pull says inside this floor why it cannot go on. Becomes a gap; never leaves the floor as an exception. */

import type { Gap } from "../model/gap.ts";

/** What was not read and why, before it is known which image it belongs to. */
export type Problem = Pick<Gap, "why" | "detail">;

/** Takes a problem. */
export type Report = (problem: Problem) => void;

/** Ends a request, a blob or a pull. Its sentence holds nothing that a server sent but what this floor knows by name. */
export class PullFailure extends Error {
  readonly problem: Problem;

  constructor(why: Problem["why"], detail: string) {
    super(detail);
    this.name = "PullFailure";
    this.problem = { why, detail };
  }
}
