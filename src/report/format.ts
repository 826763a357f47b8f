/** What every output format is: a pure function from the report to the whole text of the output. */

import type { Level } from "../model/level.ts";
import type { Report } from "../model/report.ts";
import type { RuleMeta } from "../model/rule.ts";

/** How a report is to be shown. */
export interface FormatOptions {
  /** Colours, where the format has any. */
  readonly color: boolean;
  /** What the rules tell about themselves, for formats that carry help; may be empty. */
  readonly rules: readonly RuleMeta[];
  /** Text only: findings below this level, and suppressed ones, are counted and not shown; null shows all. */
  readonly atLeast: Level | null;
  /** The policy's level, for formats that tell what fails from what does not. */
  readonly failOn: Level;
}

/** A module that writes one format. */
export interface FormatModule {
  readonly format: (report: Report, options: FormatOptions) => string;
}
