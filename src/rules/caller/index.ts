/** All rules over files that call a build, and every check that such a file gets, the most specific first. */

import type { CallerCheck, CallerRule } from "../../callers/rule.ts";
import { literalInCaller } from "./literal-in-caller.ts";
import { tokenPassedAsBuildArgument } from "./token-passed-as-build-argument.ts";

/** One line per rule. */
export const CALLER_RULES: readonly CallerRule[] = [tokenPassedAsBuildArgument];

/** The checks, with those of rules whose metadata stands elsewhere. */
export const CALLER_CHECKS: readonly CallerCheck[] = [
  { id: tokenPassedAsBuildArgument.meta.id, check: tokenPassedAsBuildArgument.check },
  literalInCaller,
];
