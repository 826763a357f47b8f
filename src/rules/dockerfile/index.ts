/** All Dockerfile rules, the most specific first: of two findings on one token and place the earlier rule's stays. */

import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { cacheCopied } from "./cache-copied.ts";
import { loginAtStart } from "./login-at-start.ts";
import { loginInBuild } from "./login-in-build.ts";
import { secretMountWithoutEffect } from "./secret-mount-without-effect.ts";
import { suppressionWithoutEffect } from "./suppression-without-effect.ts";
import { tokenCopiedFromStage } from "./token-copied-from-stage.ts";
import { tokenInBuildArgument } from "./token-in-build-argument.ts";
import { tokenInBuildContext } from "./token-in-build-context.ts";
import { tokenInEnvironment } from "./token-in-environment.ts";
import { tokenInMetadata } from "./token-in-metadata.ts";
import { tokenInUrl } from "./token-in-url.ts";
import { tokenLiteral } from "./token-literal.ts";
import { tokenWrittenToFile } from "./token-written-to-file.ts";

/** One line per rule. */
export const DOCKERFILE_RULES: readonly DockerfileRule[] = [
  tokenInBuildArgument,
  tokenInEnvironment,
  tokenInMetadata,
  tokenInUrl,
  tokenWrittenToFile,
  loginInBuild,
  loginAtStart,
  cacheCopied,
  tokenInBuildContext,
  tokenCopiedFromStage,
  tokenLiteral,
  secretMountWithoutEffect,
  suppressionWithoutEffect,
];
