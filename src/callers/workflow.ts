/**
 * Reads GitHub workflows (and those of Gitea and Forgejo, and composite actions): build actions with their inputs, and the
 * scripts of `run` steps, each with the variables that workflow, job and step set for it.
 */

import { buildsBySettings } from "./bake-set.ts";
import { toSourceSpan } from "../dockerfile/mapped-text.ts";
import { expressionsIn, type Syntax } from "./reference.ts";
import type { InlineDockerfile, NamedBuild } from "./facts.ts";
import { knownPath, namedBuilds, passBuilds } from "./known-build.ts";
import { valuesWithin, type KnownValues } from "./known-value.ts";
import { combinationsOf } from "./matrix.ts";
import { inputValues, textsIn, withValues } from "./workflow-values.ts";
import { carried, scopeWithin, type Carrier, type Carriers, type GivenArgument } from "./judge-pass.ts";
import { mentionsBuild, passesIn, passesInText, readAsText, type ScriptSetting } from "./shell-passes.ts";
import { itemsOf, pairOf, pairsOf, readYaml, textOf, valueOf, type YamlNode } from "./yaml-file.ts";
import {
  argumentsInLines,
  isProvenanceMax,
  isTooMuch,
  pairIn,
  TOO_MUCH,
  valueOfScalar,
  type Reading,
  type YamlSetting,
} from "./yaml-passes.ts";

const SYNTAXES: readonly Syntax[] = ["expression"];
/** The input of build actions; the older ones take a list with commas. */
const ARGUMENT_INPUT = /^build[-_]?args?$/i;
const COMMA_INPUT = /^build(?:_args?|args?)$/i;
/** Actions whose `file` is a Dockerfile; a `dockerfile` is one in every action. */
const BUILD_ACTION = /build-push|docker-build|build-docker|kaniko|buildah/i;
const BAKE_ACTION = /(?:^|[/-])bake/i;
const FOREIGN_SHELL = /^(?:pwsh|powershell|cmd|python3?|node|perl)\b/;
/** The project's own folder as a build action calls it. */
const OWN_FOLDER = /^\{\{\s*defaultContext\s*\}\}:?/;
const SET_LINE = /^([^=\n]*\.args\.)[A-Za-z_]\w*\s*\+?=/;

/** Variables of an `env` that come to hold a token, beside those known before. */
function withEnvironment(node: YamlNode | null, before: Carriers): Carriers {
  const own = new Map<string, Carrier | null>();
  const known = scopeWithin(own, before);
  for (const { key, value } of pairsOf(node)) {
    if (value.kind !== "scalar" || value.value === null) continue;
    own.set(key, carried(key, valueOfScalar(value, SYNTAXES), known));
  }
  return known;
}

/** `*.args.NAME=value` on the lines of a bake action's `set`. */
function setLines(node: YamlNode | null, setting: YamlSetting): GivenArgument[] {
  if (node?.kind !== "scalar") return [];
  const { text } = node;
  return [...text.text.matchAll(/[^\n]+/g)].flatMap((match): GivenArgument[] => {
    const trimmed = match[0].trim();
    const start = match.index + match[0].indexOf(trimmed);
    const scope = SET_LINE.exec(trimmed)?.[1];
    if (scope === undefined) return [];
    const end = start + trimmed.length;
    const build = { ...setting.build, part: scope.slice(0, scope.indexOf(".args.")) };
    const given = pairIn(text, start + scope.length, end, { ...setting, build, form: "set" });
    return given === null ? [] : [{ ...given, span: toSourceSpan(text, start, end) }];
  });
}

/** What is found in one step, or in one job. */
type Found = Required<Pick<Reading, "given" | "builds" | "inlineDockerfiles">>;

/** The Dockerfiles that `set` gives to the targets of a bake action. */
function fromBake(action: string, inputs: YamlNode | null, values: KnownValues): NamedBuild[] {
  if (!BAKE_ACTION.test(action)) return [];
  const source = textOf(valueOf(inputs, "source")) ?? textOf(valueOf(inputs, "workdir")) ?? ".";
  const folders = (textsIn(source.replace(OWN_FOLDER, "./"), values) ?? []).flatMap((text) => knownPath(text) ?? []);
  const settings = (textOf(valueOf(inputs, "set")) ?? "").split("\n").flatMap((line) => textsIn(line, values) ?? []);
  return folders.flatMap((folder) => buildsBySettings(settings, folder));
}

/** The Dockerfiles of an action that takes several, one a line; of two lists it takes the first. */
function listedDockerfiles(inputs: YamlNode | null, values: KnownValues): string[] {
  const list = textOf(valueOf(inputs, "containerfiles")) ?? textOf(valueOf(inputs, "dockerfiles")) ?? "";
  return list.split("\n").flatMap((line) => textsIn(line.trim() || null, values) ?? []);
}

/** The Dockerfile of an action that is a container itself; an image that is only pulled has an address. */
function ownDockerfile(runs: YamlNode | null): NamedBuild[] {
  if (textOf(valueOf(runs, "using"))?.toLowerCase() !== "docker") return [];
  const image = textOf(valueOf(runs, "image"));
  return namedBuilds({ dockerfiles: image === null ? null : [image], contexts: null }, "").map((build) => ({
    ...build,
    isBeside: true,
  }));
}

/** What a step (or a job that calls a workflow) has an action build. */
function fromInputs(step: YamlNode | null, { carriers, values }: Pick<StepSetting, "carriers" | "values">): Found {
  const inputs = valueOf(step, "with");
  const dockerfiles = textsIn(textOf(valueOf(inputs, "dockerfile")), values);
  const action = textOf(valueOf(step, "uses")) ?? "";
  const isBuild = BUILD_ACTION.test(action);
  const listed = isBuild ? listedDockerfiles(inputs, values) : [];
  const said =
    textsIn(textOf(valueOf(inputs, "file")), values) ?? dockerfiles ?? (listed.length > 0 ? listed.slice(0, 1) : null);
  const contexts = textsIn((textOf(valueOf(inputs, "context")) ?? ".").replace(OWN_FOLDER, "./"), values);
  const targets = textsIn(textOf(valueOf(inputs, "target")), values);
  const provenance = [textOf(valueOf(inputs, "provenance")), textOf(valueOf(inputs, "attests"))];
  const provenanceMax = provenance.some((text) => isProvenanceMax(text));
  const passedTo = passBuilds({ dockerfiles: said, contexts, targets }, null, {
    folder: "",
    provenanceMax,
    part: null,
  });
  const given = passedTo.flatMap((build) => {
    const setting: YamlSetting = { form: "input", build, syntaxes: SYNTAXES, carriers, isNullGiven: false };
    const own = pairsOf(inputs).flatMap(({ key, value }) =>
      ARGUMENT_INPUT.test(key) && value.kind === "scalar" && value.value !== null
        ? argumentsInLines(value.text, setting, COMMA_INPUT.test(key))
        : [],
    );
    return [...own, ...setLines(valueOf(inputs, "set"), setting)];
  });
  const options = pairsOf(inputs).flatMap(({ value }) =>
    value.kind === "scalar" && value.text.text.includes("--build-arg")
      ? passesInText(value.text, { source: "", syntaxes: SYNTAXES, carriers, values, folder: "" })
      : [],
  );
  const builds = [
    ...namedBuilds({ dockerfiles: isBuild ? said : dockerfiles, contexts }, ""),
    ...namedBuilds({ dockerfiles: listed, contexts }, ""),
    ...fromBake(action, inputs, values),
  ];
  return { given: [...given, ...options], builds, inlineDockerfiles: [] };
}

/** What holds for all steps of a job. */
interface StepSetting {
  readonly source: string;
  readonly carriers: Carriers;
  readonly values: KnownValues;
  readonly shell: string | null;
  readonly folder: string;
}

/** The folder of `working-directory`, the first one where it may be one of several. */
function folderIn(node: YamlNode | null, values: KnownValues): string | null {
  const [folder = null] = textsIn(textOf(valueOf(node, "working-directory")), values) ?? [];
  return knownPath(folder);
}

function runDefaults(node: YamlNode | null, before: StepSetting): StepSetting {
  const run = valueOf(valueOf(node, "defaults"), "run");
  const env = valueOf(node, "env");
  const values = withValues(env, before.values);
  return {
    source: before.source,
    shell: textOf(valueOf(run, "shell")) ?? before.shell,
    folder: folderIn(run, values) ?? before.folder,
    carriers: withEnvironment(env, before.carriers),
    values,
  };
}

type Problem = Reading["problems"][number];

function readStep(step: YamlNode, job: StepSetting, problems: Problem[]): Found {
  const env = valueOf(step, "env");
  const values = withValues(env, job.values);
  const carriers = withEnvironment(env, job.carriers);
  const inputs = fromInputs(step, { carriers, values });
  const run = pairOf(step, "run")?.value;
  if (run?.kind !== "scalar" || run.value === null || !mentionsBuild(run.value)) return inputs;
  const folder = folderIn(step, values) ?? job.folder;
  const templates = expressionsIn(run.text.text);
  const setting: ScriptSetting = { source: job.source, syntaxes: SYNTAXES, carriers, values, folder, templates };
  const shell = textOf(valueOf(step, "shell")) ?? job.shell;
  const isForeign = shell !== null && FOREIGN_SHELL.test(shell);
  const read = isForeign ? readAsText(run.text, setting) : passesIn(run.text, setting);
  problems.push(...read.problems);
  const { inlineDockerfiles } = read;
  return { given: [...inputs.given, ...read.given], builds: [...inputs.builds, ...read.builds], inlineDockerfiles };
}

/** More text than the jobs of a real matrix read together. */
const MAX_READ = 4 * 1024 * 1024;

/** A job in each form that its matrix gives it. */
function readJob(job: YamlNode, top: StepSetting, problems: Problem[]): Found {
  const written = top.source.slice(job.span.start, job.span.end);
  const matrix = valueOf(valueOf(job, "strategy"), "matrix");
  const combinations = combinationsOf(matrix, written, top.values);
  const found = {
    given: [] as GivenArgument[],
    builds: [] as NamedBuild[],
    inlineDockerfiles: [] as InlineDockerfile[],
  };
  for (const [i, combination] of combinations.entries()) {
    if (isTooMuch(found) || (i > 0 && i * written.length > MAX_READ)) {
      problems.push({ offset: job.span.start, message: TOO_MUCH });
      break;
    }
    const setting = runDefaults(job, { ...top, values: valuesWithin(combination, top.values) });
    const own: Problem[] = i === 0 ? problems : [];
    const steps = itemsOf(valueOf(job, "steps")).map((step) => readStep(step, setting, own));
    for (const { given, builds, inlineDockerfiles } of [fromInputs(job, setting), ...steps]) {
      found.given.push(...given);
      found.builds.push(...builds);
      found.inlineDockerfiles.push(...inlineDockerfiles);
    }
  }
  return found;
}

/** Reads the text of a workflow or of an action's metadata. */
export function readWorkflow(text: string, known: Carriers): Reading {
  const { roots, problems } = readYaml(text);
  const found: Problem[] = [...problems];
  const steps = roots.flatMap((root) => {
    const start = { source: text, carriers: known, values: inputValues(root), shell: null, folder: "" };
    const top = runDefaults(root, start);
    const jobs = pairsOf(valueOf(root, "jobs")).map(({ value: job }) => readJob(job, top, found));
    const runs = valueOf(root, "runs");
    const composite = itemsOf(valueOf(runs, "steps")).map((step) => readStep(step, top, found));
    return [...jobs, ...composite, { given: [], builds: ownDockerfile(runs), inlineDockerfiles: [] }];
  });
  return {
    given: steps.flatMap(({ given }) => given),
    builds: steps.flatMap(({ builds }) => builds),
    inlineDockerfiles: steps.flatMap(({ inlineDockerfiles }) => inlineDockerfiles),
    problems: found,
  };
}
