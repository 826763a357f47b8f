/** How builds call the folder that they start in, which is the project's. */

import { UNTOLD, type KnownValues, type Values, type Wording } from "./known-value.ts";

const NAMES = new Set(
  "PWD CURDIR GITHUB_WORKSPACE github.workspace CI_PROJECT_DIR CIRCLE_WORKING_DIRECTORY BITBUCKET_CLONE_DIR TRAVIS_BUILD_DIR BUILDKITE_BUILD_CHECKOUT_PATH DRONE_WORKSPACE WORKSPACE CODEBUILD_SRC_DIR BUILD_SOURCESDIRECTORY Build.SourcesDirectory build.sourcesdirectory System.DefaultWorkingDirectory system.defaultworkingdirectory".split(
    " ",
  ),
);
const HERE: Values = ["."];
const MAX_LENGTH = 200;
/** Commands that print the folder that the script starts in. */
const PRINTS_PROJECT = /^(?:pwd(?: -[LP])?|git rev-parse --show-toplevel)$/;
/** Commands that print the folder, or the path, that they are given. */
const PRINTS_PATH =
  /^(?:cd(?: -[LP]| --)* (\S+?) ?(?:[&\d]?> ?\S+ ?){0,3}&& ?pwd(?: -[LP])?|(?:realpath|readlink)(?: -\w+| --)* (\S+))$/;
const PRINTS_PARENT = /^dirname(?: --)? (\S+)$/;
/** How a script calls itself. */
const ITSELF = /^\$(?:0|\{0\}|\{?BASH_SOURCE(?:\[0\])?\}?)$/;
/** A path that begins with the output of a command. */
const OF_COMMAND = /^(\$\([^()]*\)|`[^`]*`)((?:\/[\w.-]+)*)\/?$/;
const BLANK = "\u{e001}";

/** What is known of names before a file says anything. */
export const PROJECT_FOLDER: KnownValues = { get: (name) => (NAMES.has(name) ? HERE : UNTOLD) };

/** The command of a `$(…)` or of backticks. */
function commandIn(substitution: string): string {
  return substitution.replace(/^\$\(([\s\S]*)\)$|^`([\s\S]*)`$/, "$1$2").trim();
}

/**
 * The path that a `$(…)` prints, with the names in it: `.` is the folder that the script starts in, or lies in. Null for a
 * command that prints something else.
 */
export function printedPath(substitution: string, read: (text: string) => Wording): Wording | null {
  if (substitution.length > MAX_LENGTH) return null;
  const command = commandIn(substitution.replaceAll(/["']/g, "")).replaceAll(/\s+/g, " ");
  if (PRINTS_PROJECT.test(command)) return ["."];
  const parent = PRINTS_PARENT.exec(command)?.[1];
  if (parent !== undefined) return ITSELF.test(parent) ? ["."] : [...read(parent), "/.."];
  // The inner command is one word to the outer one.
  const joined = command.replaceAll(/\$\([^()]*\)|`[^`]*`/g, (inner) => inner.replaceAll(" ", BLANK));
  const [, entered, given] = PRINTS_PATH.exec(joined) ?? [];
  const path = (entered ?? given)?.replaceAll(BLANK, " ");
  if (path === undefined) return null;
  const [, inner, below = ""] = OF_COMMAND.exec(path) ?? [];
  if (inner === undefined) return read(path);
  const found = printedPath(inner, read);
  return found === null ? null : [...found, below];
}
