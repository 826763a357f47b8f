/**
 * What `hullcheck init` would write into a project: a config, lines for ignore files, and a file for the CI service that
 * the project has. Reads the folder and writes nothing; what is there already is kept as it is, or added to at its end.
 */

import { dirname, join, posix } from "node:path";
import { readIgnoreFile } from "../dockerfile/pattern-list.ts";
import { lineBreakOf } from "../fix/edit.ts";
import { isLeftOut } from "../fix/ignore-lines.ts";
import { unifiedDiff } from "../fix/unified-diff.ts";
import { HullcheckError } from "../model/errors.ts";
import { VERSION } from "../model/version.ts";
import { Secrets } from "../token/secrets.ts";
import { exists, isBelow, isFolder } from "../disk.ts";
import { findBuildFiles } from "./find-build-files.ts";
import { openPaths, type LintPathsOptions } from "./lint-paths.ts";
import type { NamedDockerfile } from "./named-dockerfiles.ts";
import { readTextFile } from "./read-text.ts";
import type { Replacement } from "./replace-file.ts";

/** A CI service that a file can be written for. */
export type CiService = "github" | "gitlab";

/** Every such service. */
export const CI_SERVICES: readonly CiService[] = ["github", "gitlab"];

/** One file to write. */
export interface InitFile extends Replacement {
  /** The path below the folder. */
  readonly shown: string;
}

/** What there is to do. */
export interface InitPlan {
  readonly files: readonly InitFile[];
  /** All of it as a unified diff in which tokens are masked. */
  readonly diff: string;
  /** What a person has to know or do beside. */
  readonly remarks: readonly string[];
}

/** What the plan is made from. */
export interface InitOptions {
  /** Absolute. */
  readonly folder: string;
  /** What the user calls it. */
  readonly shown: string;
  /** The services to write for; null for what the folder shows. */
  readonly ci: readonly CiService[] | null;
}

const CONFIG = `# What hullcheck heeds in this project; \`hullcheck config\` prints what is in force.
# Every key: docs/config.md in the package.
failOn: error

# The saved images that \`hullcheck gate\` inspects, so that CI need not name them:
# images: [app.tar]

# Findings that are let through, each with a reason:
# accept:
#   - rule: token-in-build-argument
#     path: Dockerfile
#     reason: a read token for public models, rotated daily
#     expires: 2999-12-31
`;

const WORKFLOW = `name: hullcheck
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  hullcheck:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - run: npx --yes hullcheck@${VERSION} lint . --format github --format "markdown=$GITHUB_STEP_SUMMARY"
      # With the image that is pushed, in place of the line above:
      # - run: docker build -t app . && docker save -o app.tar app
      # - run: npx --yes hullcheck@${VERSION} gate . --image app.tar --format github --format "markdown=$GITHUB_STEP_SUMMARY"
`;

const GITLAB_JOB = `hullcheck:
  image: node:24-alpine
  script:
    - npx --yes hullcheck@${VERSION} lint . --format text --format gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
`;
const GITLAB_PATH = ".gitlab/hullcheck.yml";
const GITLAB_INCLUDE = `include:\n  - local: ${GITLAB_PATH}\n`;

/** How the folder is opened: as a lint without options opens it. */
const LINTED: Omit<LintPathsOptions, "paths" | "cwd"> = {
  stdin: async function* () {},
  stdinFilename: null,
  levels: {},
  useInlineIgnores: true,
};

const IGNORE_HEAD = "# Credentials stay out of the build context.";
/** Files that no image needs and that hold tokens; what they are called, and the line that leaves them out everywhere. */
const IGNORED = [
  [".env", "**/.env"],
  [".netrc", "**/.netrc"],
  [".git-credentials", "**/.git-credentials"],
  [".cache/huggingface/token", "**/.cache/huggingface/token"],
  [".cache/huggingface/stored_tokens", "**/.cache/huggingface/stored_tokens"],
] as const;

/** A file's text; null when there is none. Throws a HullcheckError for one that cannot be read. */
function textOf(folder: string, shown: string): string | null {
  const path = join(folder, shown);
  if (!exists(path)) return null;
  const read = readTextFile(path);
  if (read.ok) return read.text;
  if (read.why === "empty") return "";
  throw new HullcheckError("input", `${shown} cannot be read as text`, { hint: "nothing was written" });
}

/** A file that is written when it is not there yet. */
function newFile(folder: string, shown: string, after: string): { files: InitFile[]; remarks: string[] } {
  if (exists(join(folder, shown))) return { files: [], remarks: [`${shown} is there already and is left as it is`] };
  return { files: [{ shown, path: join(folder, shown), before: null, after }], remarks: [] };
}

function ciFiles(folder: string, service: CiService): { files: InitFile[]; remarks: string[] } {
  if (service === "github") return newFile(folder, ".github/workflows/hullcheck.yml", WORKFLOW);
  const job = newFile(folder, GITLAB_PATH, GITLAB_JOB);
  if (!exists(join(folder, ".gitlab-ci.yml"))) {
    const include = newFile(folder, ".gitlab-ci.yml", GITLAB_INCLUDE);
    return { files: [...job.files, ...include.files], remarks: job.remarks };
  }
  const isIncluded = (textOf(folder, ".gitlab-ci.yml") ?? "").includes(GITLAB_PATH);
  const remark = `add \`- local: ${GITLAB_PATH}\` below \`include:\` in .gitlab-ci.yml`;
  return { files: job.files, remarks: [...job.remarks, ...(isIncluded ? [] : [remark])] };
}

/** The services that a folder shows. */
function shownServices(folder: string): CiService[] {
  const services: CiService[] = [];
  if (exists(join(folder, ".github"))) services.push("github");
  if (exists(join(folder, ".gitlab-ci.yml")) || exists(join(folder, ".gitlab"))) services.push("gitlab");
  return services;
}

/** The ignore file beside the Dockerfiles of one folder, with lines for what is not left out yet. */
function ignoreFile(folder: string, below: string, dockerfiles: readonly string[]): InitFile[] {
  const shown = below === "" ? ".dockerignore" : `${below}/.dockerignore`;
  const before = textOf(folder, shown);
  const patterns = readIgnoreFile(before ?? "");
  const texts = dockerfiles.map((path) => textOf(folder, path) ?? "");
  const missing = IGNORED.filter(
    ([name]) => !isLeftOut(patterns, `sub/${name}`) && !texts.some((text) => text.includes(name)),
  ).map(([, line]) => line);
  if (missing.length === 0) return [];
  const lineBreak = lineBreakOf(before ?? "");
  const head = before === null || before === "" ? "" : before.replace(/\r?\n?$/, lineBreak + lineBreak);
  const after = `${head}${[IGNORE_HEAD, ...missing].join(lineBreak)}${lineBreak}`;
  return [{ shown, path: join(folder, shown), before, after }];
}

/**
 * The folders that are built from, with their Dockerfiles: each one's context where a file says it, else its own folder.
 * @param named the Dockerfiles that files of the folder name
 */
function byContext(folder: string, found: readonly string[], named: readonly NamedDockerfile[]): Map<string, string[]> {
  const contexts = new Map<string, Set<string>>(found.map((path) => [path, new Set()]));
  for (const { shown, context } of named) {
    const known = contexts.get(shown) ?? new Set();
    contexts.set(shown, known);
    const isThere = context !== null && isBelow(folder, join(folder, context)) && isFolder(join(folder, context));
    if (isThere) known.add(posix.normalize(context).replace(/^\.?\/?$|\/$/, ""));
  }
  const folders = new Map<string, string[]>();
  for (const [path, said] of contexts) {
    const own = dirname(path) === "." ? "" : dirname(path);
    for (const below of said.size > 0 ? said : [own]) folders.set(below, [...(folders.get(below) ?? []), path]);
  }
  return folders;
}

/** What to write into a folder. Throws a HullcheckError when it is none, or when a file to add to is no text. */
export async function planInit({ folder, shown: typed, ci }: InitOptions): Promise<InitPlan> {
  const { dockerfiles, gaps } = findBuildFiles(folder);
  if (gaps.some(({ at }) => at === "")) {
    throw new HullcheckError("input", `the folder '${typed}' cannot be listed`, { hint: "check the path" });
  }
  const { named } = await openPaths({ ...LINTED, paths: ["."], cwd: folder });
  const config = newFile(folder, ".hullcheck.yaml", CONFIG);
  const ignored = [...byContext(folder, dockerfiles, named)].flatMap(([below, paths]) =>
    ignoreFile(folder, below, paths),
  );
  const services = ci ?? shownServices(folder);
  const forCi = services.map((service) => ciFiles(folder, service));
  const files = [...config.files, ...ignored, ...forCi.flatMap((part) => part.files)];
  const remarks = [...config.remarks, ...forCi.flatMap((part) => part.remarks)];
  if (dockerfiles.length + named.length === 0) remarks.push("no Dockerfile was found, so no ignore file is written");
  if (services.length === 0 && ci === null) {
    remarks.push(
      "no CI service was recognised: --ci github or --ci gitlab writes a file; for others see `In CI` in the README",
    );
  }
  const secrets = new Secrets();
  const diff = files
    .map(({ shown, before, after }) => {
      const old = before === null ? null : secrets.redact(before);
      return unifiedDiff({ path: secrets.redact(shown), before: old, after: secrets.redact(after) });
    })
    .join("");
  return { files, diff, remarks: remarks.map((remark) => secrets.redact(remark)) };
}
