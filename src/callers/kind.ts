/** Which files call a build, by name, and how each is read. A script counts when its text says that it builds images. */

import { namesDockerfile } from "./dockerfile-in-text.ts";
import type { CallerKind } from "./facts.ts";

/** How a file is read. */
export type CallerFormat = "compose" | "bake-hcl" | "bake-json" | "github" | "ci" | "makefile" | "shell" | "package";

/** What each format is called in the report. */
export const KINDS: Readonly<Record<CallerFormat, CallerKind>> = {
  compose: "compose",
  "bake-hcl": "bake",
  "bake-json": "bake",
  github: "workflow",
  ci: "workflow",
  makefile: "script",
  shell: "script",
  package: "script",
};

const NAMES: readonly (readonly [RegExp, CallerFormat])[] = [
  [/(?:^|\/)(?:docker-|podman-)?compose(?:[._-][^/]*)?\.ya?ml$/, "compose"],
  [/(?:^|\/)(?:[^/]*[._-])?bake(?:[._-][^/]*)?\.hcl$/, "bake-hcl"],
  [/(?:^|\/)docker-bake(?:[._-][^/]*)?\.json$/, "bake-json"],
  [/(?:^|\/)\.(?:github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/, "github"],
  [/(?:^|\/)action\.ya?ml$/, "github"],
  [/(?:^|\/)(?:[^/]*\.)?gitlab-ci(?:[._-][^/]*)?\.ya?ml$/, "ci"],
  [/(?:^|\/)\.gitlab\/(?:.*\/)?[^/]+\.ya?ml$/, "ci"],
  [/(?:^|\/)\.circleci\/[^/]+\.ya?ml$/, "ci"],
  [/(?:^|\/)\.(?:buildkite|woodpecker)\/(?:.*\/)?[^/]+\.ya?ml$/, "ci"],
  [
    /(?:^|\/)(?:azure-pipelines|bitbucket-pipelines|cloudbuild|buildspec|\.drone|\.woodpecker|\.travis)(?:[._-][^/]*)?\.ya?ml$/,
    "ci",
  ],
  [/(?:^|\/)(?:GNUm|m|M)akefile(?:\.[^/]+)?$|\.mk$/, "makefile"],
  [/(?:^|\/)package\.json$/, "package"],
  [/\.(?:sh|bash|ksh)$/, "shell"],
];

/** Names of files without an ending that may be scripts; their first line decides. */
const MAYBE_SCRIPT = /(?:^|\/)(?:build|docker[-_]|release|publish|deploy|push)[\w-]*$/i;
const SHEBANG = /^(?:\u{feff})?#!/u;
const BUILDS = /\bbuild-arg\b|\.args\.[A-Za-z_]/;
/** Telling keys at the start of a line, for a YAML file of some other name. */
const TELLING: readonly (readonly [RegExp, CallerFormat])[] = [
  [/^services:/m, "compose"],
  [/^jobs:(?:.|\n)*^\s+runs-on:/m, "github"],
  [/^(?:stages|include|default|before_script|image|pipelines|steps|jobs):/m, "ci"],
];

/** How a file of this path is read, going by its name; null for a name that no caller has. */
export function formatOfName(path: string): CallerFormat | null {
  return NAMES.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

/** True for a path that is worth opening when a folder is searched for callers. */
export function mayCall(path: string): boolean {
  return formatOfName(path) !== null || MAYBE_SCRIPT.test(path);
}

/**
 * How a found file is read; null when it turns out to be no caller: a script that hands over no build argument
 * and names no Dockerfile.
 */
export function formatOfFound(path: string, text: string): CallerFormat | null {
  const format = formatOfName(path) ?? (SHEBANG.test(text) ? "shell" : null);
  if (format === null || KINDS[format] !== "script") return format;
  return BUILDS.test(text) || namesDockerfile(text) ? format : null;
}

/** How a file is read that was named by its user; null when nothing says that it is a caller. */
export function formatOfNamed(path: string, text: string): CallerFormat | null {
  const format = formatOfName(path);
  if (format !== null) return format;
  if (path.endsWith(".hcl")) return "bake-hcl";
  if (/\.ya?ml$/.test(path)) return TELLING.find(([pattern]) => pattern.test(text))?.[1] ?? null;
  return SHEBANG.test(text) ? "shell" : null;
}
