/** The public API of hullcheck. Re-exports only. */

export { decide, DEFAULT_POLICY, EXIT_CODES, type Policy } from "./gate/decide.ts";
export { judge } from "./gate/judge.ts";
export { gate, type GateOptions } from "./gate.ts";
export { inspectImage, type InspectOptions, type InspectProgress, type Limits } from "./inspect.ts";
export { lintCaller, type JudgeCallerOptions, type LintCallerOptions } from "./lint-caller.ts";
export { lintDockerfile, type LintOptions } from "./lint.ts";
export type { LevelOverrides } from "./assemble.ts";
export { HullcheckError, type ErrorKind } from "./model/errors.ts";
export type { Finding, Membership, Suppression, TokenFacts, Verification } from "./model/finding.ts";
export type { Gap, GapKind } from "./model/gap.ts";
export type { Confidence, Level } from "./model/level.ts";
export type * from "./model/location.ts";
export type {
  CallerSubject,
  Coverage,
  DockerfileSubject,
  ImageSubject,
  Outcome,
  Report,
  Subject,
  Verdict,
} from "./model/report.ts";
export type { Example, RuleMeta } from "./model/rule.ts";
export { render } from "./report/index.ts";
export { RULES as rules } from "./rules/index.ts";
