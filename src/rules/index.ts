/** Every rule's metadata, Dockerfile rules first. For `explain`, `rules`, SARIF and the docs; the engines take their own lists. */

import type { RuleMeta } from "../model/rule.ts";
import { DOCKERFILE_RULES } from "./dockerfile/index.ts";

/** The catalogue. */
export const RULES: readonly { readonly meta: RuleMeta }[] = [...DOCKERFILE_RULES];
