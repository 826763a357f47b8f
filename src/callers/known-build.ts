/**
 * Makes builds of what a file says of them: of a Dockerfile, context or target that may be one of several, each build that
 * certainly goes together. Pure; knows no format.
 */

import type { Build, NamedBuild, PartBuild } from "./facts.ts";

/** What a file says of a build, each as the texts that it may come to: null where it says nothing, none where nobody can tell. */
export interface SaidBuild {
  readonly dockerfiles: readonly string[] | null;
  readonly contexts: readonly string[] | null;
  readonly targets: readonly string[] | null;
}

const ELSEWHERE = /^(?:(?!dir:)[a-z]\w*:\/\/|git@|github\.com\/)/;

/** Dockerfiles with contexts of one build; more of them name no context. */
const MAX_TOGETHER = 256;

/** A path as it stands, when nothing in it is replaced and it leads to no other place. */
export function knownPath(text: string | null): string | null {
  return text === null || text.includes("$") || /^[a-z]+:\/\/|^git@/.test(text) ? null : text;
}

/** Those of some texts that are paths. */
function pathsIn(texts: readonly string[]): string[] {
  return texts.filter((text) => knownPath(text) !== null);
}

/** The one value of a list; null when there are several, or none. */
function onlyOf<T>(list: readonly (T | null)[]): T | null {
  return list.length === 1 ? (list[0] ?? null) : null;
}

/** The stages that are built, null for the last one: also where nobody can tell. */
export function stagesOf(targets: readonly string[] | null): readonly (string | null)[] {
  return targets === null || targets.length === 0 ? [null] : targets;
}

/**
 * The builds that an argument is handed to. Where several parts may be one of several, nobody can tell which go together:
 * then only the Dockerfiles are known.
 * @param ownContext the context where none is said
 */
export function passBuilds(
  { dockerfiles, contexts, targets }: SaidBuild,
  ownContext: string | null,
  rest: Pick<Build, "folder" | "provenanceMax" | "part">,
): Build[] {
  // An empty name stands for the usual one.
  const files = dockerfiles === null ? [null] : pathsIn(dockerfiles).map((path) => path || null);
  const stages = stagesOf(targets);
  if (files.length === 0) return [{ dockerfile: null, context: null, target: onlyOf(stages), ...rest }];
  const folders = contexts === null ? [ownContext] : contexts.length === 0 ? [null] : contexts.map(knownPath);
  const isTogether = [files, folders, stages].filter(({ length }) => length > 1).length < 2;
  if (!isTogether)
    return files.map((dockerfile) => ({ dockerfile, context: onlyOf(folders), target: onlyOf(stages), ...rest }));
  return files.flatMap((dockerfile) =>
    folders.flatMap((context) => stages.map((target): Build => ({ dockerfile, context, target, ...rest }))),
  );
}

/** What the file says of the build of a service or target. */
export function partBuilds(said: SaidBuild, part: string): PartBuild[] {
  const builds = passBuilds({ ...said, targets: null }, null, { folder: "", provenanceMax: false, part: null });
  return builds.flatMap(({ dockerfile, context }) =>
    dockerfile === null && context === null ? [] : [{ part, dockerfile, context }],
  );
}

/**
 * The builds by Dockerfiles of known names; what a repository elsewhere is built by lies there.
 * @param part the service or target whose context other files may say
 */
export function namedBuilds(
  { dockerfiles, contexts }: Omit<SaidBuild, "targets">,
  folder: string,
  part: string | null = null,
): NamedBuild[] {
  const files = pathsIn(dockerfiles ?? []);
  const isKnown = contexts !== null && contexts.length > 0 && files.length * contexts.length <= MAX_TOGETHER;
  const folders = isKnown ? contexts : [null];
  return files.flatMap((dockerfile) =>
    folders.flatMap((context) => {
      const isNamed = dockerfile !== "" && dockerfile !== "-" && !ELSEWHERE.test(context ?? "");
      return isNamed ? [{ dockerfile, context: knownPath(context), folder, part, isBeside: false }] : [];
    }),
  );
}
