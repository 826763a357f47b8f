/** What a rule tells about itself. Tests, `explain`, SARIF help, the README and the rule pages all come from here. */

import type { Level } from "./level.ts";

/** An example that the tests execute. `@@TOKEN:user@@` stands for a token. */
export interface Example {
  /** What the example shows, as a short title. */
  readonly title: string;
  /** A whole file for Dockerfile and caller rules; a description of layers and config for image rules. */
  readonly text: string;
  /** What the file is called, where that says how it is read: `compose.yaml`. */
  readonly file?: string;
  /** The files of the build context beside it, by path, where the rule looks at them; the title tells a reader. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Everything a person reads about a rule. */
export interface RuleMeta {
  /** Permanent, kebab-case, names the bad state. */
  readonly id: string;
  readonly subject: "dockerfile" | "caller" | "image" | "policy";
  /** The level of the ordinary case; a finding may have another, by reach. */
  readonly level: Level;
  /** One line without a full stop. */
  readonly summary: string;
  /** Why it is a leak and who can read it, in Markdown. */
  readonly rationale: string;
  /** How to mend it, in Markdown. */
  readonly remediation: string;
  readonly bad: readonly Example[];
  readonly good: readonly Example[];
}
