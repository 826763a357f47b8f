/** How builds call the folder that they start in, which is the project's. */

import { UNTOLD, type KnownValues, type Values } from "./known-value.ts";

const NAMES = new Set(
  "PWD CURDIR GITHUB_WORKSPACE github.workspace CI_PROJECT_DIR CIRCLE_WORKING_DIRECTORY BITBUCKET_CLONE_DIR TRAVIS_BUILD_DIR BUILDKITE_BUILD_CHECKOUT_PATH DRONE_WORKSPACE WORKSPACE CODEBUILD_SRC_DIR BUILD_SOURCESDIRECTORY Build.SourcesDirectory build.sourcesdirectory System.DefaultWorkingDirectory system.defaultworkingdirectory".split(
    " ",
  ),
);
const HERE: Values = ["."];
/** Commands that print the project's folder. */
const PRINTS_IT = /^\$\((?:pwd(?: -[LP])?|git rev-parse --show-toplevel)\)$/;
/** Commands that print the folder of the script itself, with the steps up from it. */
const PRINTS_OWN =
  /^\$\((?:(?:cd|realpath|readlink -f)\s+(?:-\w+\s+|--\s+)?)?(?:\$\()?dirname\s+(?:--\s+)?\$\{?(?:0|BASH_SOURCE(?:\[0\])?)\}?\)?((?:\/\.\.){0,9})\/?\s*(?:[&\d]?>\S+\s*){0,3}(?:&&\s*pwd(?: -[LP])?)?\s*\)$/;

/** What is known of names before a file says anything. */
export const PROJECT_FOLDER: KnownValues = { get: (name) => (NAMES.has(name) ? HERE : UNTOLD) };

/** The folder that a `$(…)` prints, from the one that the script starts in or lies in; null for any other command. */
export function printedFolder(substitution: string): string | null {
  if (substitution.length > 200) return null;
  const text = substitution.replaceAll(/["']/g, "").replace(/^`(.*)`$/s, "$($1)");
  if (PRINTS_IT.test(text)) return ".";
  const steps = PRINTS_OWN.exec(text)?.[1];
  return steps === undefined ? null : `.${steps}`;
}
