/** All Dockerfile rules, the most specific first: of two findings on one token and place the earlier rule's stays. */

import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { cacheCopied } from "./cache-copied.ts";
import { loginAtStart } from "./login-at-start.ts";
import { loginInBuild } from "./login-in-build.ts";
import { suppressionWithoutEffect } from "./suppression-without-effect.ts";
import { tokenInBuildArgument } from "./token-in-build-argument.ts";
import { tokenInBuildContext } from "./token-in-build-context.ts";
import { tokenInEnvironment } from "./token-in-environment.ts";
import { tokenInMetadata } from "./token-in-metadata.ts";
import { tokenLiteral } from "./token-literal.ts";

/** One line per rule. */
export const DOCKERFILE_RULES: readonly DockerfileRule[] = [
  tokenInBuildArgument,
  tokenInEnvironment,
  tokenInMetadata,
  loginInBuild,
  loginAtStart,
  cacheCopied,
  tokenInBuildContext,
  tokenLiteral,
  suppressionWithoutEffect,
];
