/** Every rule's metadata, Dockerfile rules first. For `explain`, `rules`, SARIF and the docs; the engines take their own lists. */

import type { RuleMeta } from "../model/rule.ts";
import { acceptWithoutEffect } from "./accept-without-effect.ts";
import { CALLER_RULES } from "./caller/index.ts";
import { DOCKERFILE_RULES } from "./dockerfile/index.ts";
import { IMAGE_RULES } from "./image/index.ts";

/** The catalogue. */
export const RULES: readonly { readonly meta: RuleMeta }[] = [
  ...DOCKERFILE_RULES,
  ...CALLER_RULES,
  ...IMAGE_RULES,
  acceptWithoutEffect,
];
