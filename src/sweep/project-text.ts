/** One text of a project as it was read: what it is called, where it lies, and as what it is linted. */

import type { CallerFormat } from "../callers/kind.ts";
import type { ShownPath } from "./dockerfile-contexts.ts";

/** A text that is to be linted. */
export interface ProjectText {
  readonly shown: string;
  readonly text: string;
  /** Where it lies; null for standard input. */
  readonly path: string | null;
  /** The typed folder that it was found below. */
  readonly root: ShownPath | null;
  /** How a calling file is read; null for a Dockerfile. */
  readonly format: CallerFormat | null;
}
