/**
 * Reads GitHub workflows (and those of Gitea and Forgejo, and composite actions): build actions with their inputs, and the
 * scripts of `run` steps, each with the variables that workflow, job and step set for it.
 */

import { buildsBySettings } from "./bake-set.ts";
import { toSourceSpan } from "../dockerfile/mapped-text.ts";
import { expressionsIn, type Syntax } from "./reference.ts";
import type { NamedBuild } from "./facts.ts";
import { carried, scopeWithin, type Carrier, type Carriers, type GivenArgument } from "./judge-pass.ts";
import { mentionsBuild, passesIn, passesInText, readAsText, type ScriptSetting } from "./shell-passes.ts";
import { itemsOf, pairOf, pairsOf, readYaml, textOf, valueOf, type YamlNode } from "./yaml-file.ts";
import {
  argumentsInLines,
  isProvenanceMax,
  knownPath,
  namedBuild,
  pairIn,
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
/** The project's own folder as a workflow and as a build action call it. */
const OWN_FOLDER = /^(?:\$\{\{\s*github\.workspace\s*\}\}\/?|\{\{\s*defaultContext\s*\}\}:?)/;
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
    const given = pairIn(text, start + scope.length, end, { ...setting, form: "set" });
    return given === null ? [] : [{ ...given, span: toSourceSpan(text, start, end) }];
  });
}

/** What is found in one step, or in one job. */
type Found = Required<Pick<Reading, "given" | "builds">>;

/** The Dockerfiles that `set` gives to the targets of a bake action. */
function fromBake(action: string, inputs: YamlNode | null): NamedBuild[] {
  if (!BAKE_ACTION.test(action)) return [];
  const source = (textOf(valueOf(inputs, "source")) ?? textOf(valueOf(inputs, "workdir")) ?? ".").replace(
    OWN_FOLDER,
    "./",
  );
  const folder = knownPath(source);
  return folder === null ? [] : buildsBySettings((textOf(valueOf(inputs, "set")) ?? "").split("\n"), folder);
}

/** The Dockerfiles of an action that takes several, one a line; of two lists it takes the first. */
function listedDockerfiles(inputs: YamlNode | null): string[] {
  const list = textOf(valueOf(inputs, "containerfiles")) ?? textOf(valueOf(inputs, "dockerfiles")) ?? "";
  return list.split("\n").flatMap((line) => knownPath(line.trim() || null) ?? []);
}

/** The Dockerfile of an action that is a container itself; an image that is only pulled has an address. */
function ownDockerfile(runs: YamlNode | null): NamedBuild[] {
  if (textOf(valueOf(runs, "using"))?.toLowerCase() !== "docker") return [];
  const dockerfile = knownPath(textOf(valueOf(runs, "image")));
  return namedBuild({ dockerfile, context: null, folder: "" }).map((build) => ({ ...build, isBeside: true }));
}

/** What a step (or a job that calls a workflow) has an action build. */
function fromInputs(step: YamlNode | null, carriers: Carriers): Found {
  const inputs = valueOf(step, "with");
  const dockerfile = textOf(valueOf(inputs, "dockerfile"));
  const action = textOf(valueOf(step, "uses")) ?? "";
  const isBuild = BUILD_ACTION.test(action);
  const listed = isBuild ? listedDockerfiles(inputs) : [];
  const file = textOf(valueOf(inputs, "file")) ?? dockerfile ?? listed[0] ?? null;
  const context = (textOf(valueOf(inputs, "context")) ?? ".").replace(OWN_FOLDER, "./");
  const provenance = [textOf(valueOf(inputs, "provenance")), textOf(valueOf(inputs, "attests"))];
  const isElsewhere = file !== null && knownPath(file) === null;
  const build = {
    dockerfile: file === null ? null : knownPath(file),
    context: isElsewhere ? null : knownPath(context),
    target: textOf(valueOf(inputs, "target")),
    folder: "",
    provenanceMax: provenance.some((text) => isProvenanceMax(text)),
  };
  const setting: YamlSetting = { form: "input", build, syntaxes: SYNTAXES, carriers, isNullGiven: false };
  const given = pairsOf(inputs).flatMap(({ key, value }) =>
    ARGUMENT_INPUT.test(key) && value.kind === "scalar" && value.value !== null
      ? argumentsInLines(value.text, setting, COMMA_INPUT.test(key))
      : [],
  );
  const options = pairsOf(inputs).flatMap(({ value }) =>
    value.kind === "scalar" && value.text.text.includes("--build-arg")
      ? passesInText(value.text, { source: "", syntaxes: SYNTAXES, carriers, folder: "" })
      : [],
  );
  const named = isBuild ? build.dockerfile : knownPath(dockerfile);
  const builds = [
    ...[named, ...listed].flatMap((item) => namedBuild({ dockerfile: item, context, folder: "" })),
    ...fromBake(action, inputs),
  ];
  return { given: [...given, ...setLines(valueOf(inputs, "set"), setting), ...options], builds };
}

/** What holds for all steps of a job. */
interface StepSetting {
  readonly source: string;
  readonly carriers: Carriers;
  readonly shell: string | null;
  readonly folder: string;
}

function runDefaults(node: YamlNode | null, before: StepSetting): StepSetting {
  const run = valueOf(valueOf(node, "defaults"), "run");
  const shell = textOf(valueOf(run, "shell")) ?? before.shell;
  const folder = knownPath(textOf(valueOf(run, "working-directory"))) ?? before.folder;
  return { ...before, shell, folder, carriers: withEnvironment(valueOf(node, "env"), before.carriers) };
}

type Problem = Reading["problems"][number];

function readStep(step: YamlNode, job: StepSetting, problems: Problem[]): Found {
  const carriers = withEnvironment(valueOf(step, "env"), job.carriers);
  const inputs = fromInputs(step, carriers);
  const run = pairOf(step, "run")?.value;
  if (run?.kind !== "scalar" || run.value === null || !mentionsBuild(run.value)) return inputs;
  const folder = knownPath(textOf(valueOf(step, "working-directory"))) ?? job.folder;
  const templates = expressionsIn(run.text.text);
  const setting: ScriptSetting = { source: job.source, syntaxes: SYNTAXES, carriers, folder, templates };
  const shell = textOf(valueOf(step, "shell")) ?? job.shell;
  const isForeign = shell !== null && FOREIGN_SHELL.test(shell);
  const read = isForeign ? readAsText(run.text, setting) : passesIn(run.text, setting);
  problems.push(...read.problems);
  return { given: [...inputs.given, ...read.given], builds: [...inputs.builds, ...read.builds] };
}

/** Reads the text of a workflow or of an action's metadata. */
export function readWorkflow(text: string, known: Carriers): Reading {
  const { roots, problems } = readYaml(text);
  const found: Problem[] = [...problems];
  const steps = roots.flatMap((root) => {
    const top = runDefaults(root, { source: text, carriers: known, shell: null, folder: "" });
    const jobs = pairsOf(valueOf(root, "jobs")).flatMap(({ value: job }) => {
      const setting = runDefaults(job, top);
      const own = itemsOf(valueOf(job, "steps")).map((step) => readStep(step, setting, found));
      return [fromInputs(job, setting.carriers), ...own];
    });
    const runs = valueOf(root, "runs");
    const composite = itemsOf(valueOf(runs, "steps")).map((step) => readStep(step, top, found));
    return [...jobs, ...composite, { given: [], builds: ownDockerfile(runs) }];
  });
  return {
    given: steps.flatMap(({ given }) => given),
    builds: steps.flatMap(({ builds }) => builds),
    problems: found,
  };
}
