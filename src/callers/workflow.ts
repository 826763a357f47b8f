/**
 * Reads GitHub workflows (and those of Gitea and Forgejo, and composite actions): build actions with their inputs, and the
 * scripts of `run` steps, each with the variables that workflow, job and step set for it.
 */

import { toSourceSpan } from "../dockerfile/mapped-text.ts";
import { expressionsIn, type Syntax } from "./reference.ts";
import { carried, scopeWithin, type Carrier, type Carriers, type GivenArgument } from "./judge-pass.ts";
import { mentionsArguments, passesIn, passesInText, type ScriptSetting } from "./shell-passes.ts";
import { itemsOf, pairOf, pairsOf, readYaml, textOf, valueOf, type YamlNode } from "./yaml-file.ts";
import {
  argumentsInLines,
  isProvenanceMax,
  knownPath,
  pairIn,
  valueOfScalar,
  type Reading,
  type YamlSetting,
} from "./yaml-passes.ts";

const SYNTAXES: readonly Syntax[] = ["expression"];
/** The input of build actions; the older ones take a list with commas. */
const ARGUMENT_INPUT = /^build[-_]?args?$/i;
const COMMA_INPUT = /^build(?:_args?|args?)$/i;
const FOREIGN_SHELL = /^(?:pwsh|powershell|cmd|python3?|node|perl)\b/;
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

/** The arguments that a step (or a job that calls a workflow) hands to an action. */
function fromInputs(inputs: YamlNode | null, carriers: Carriers): GivenArgument[] {
  const file = textOf(valueOf(inputs, "file")) ?? textOf(valueOf(inputs, "dockerfile"));
  const context = textOf(valueOf(inputs, "context")) ?? ".";
  const provenance = [textOf(valueOf(inputs, "provenance")), textOf(valueOf(inputs, "attests"))];
  const isElsewhere = file !== null && knownPath(file) === null;
  const build = {
    dockerfile: file === null ? null : knownPath(file),
    context: isElsewhere ? null : knownPath(context.replace(/^\$\{\{\s*github\.workspace\s*\}\}\/?/, "./")),
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
  return [...given, ...setLines(valueOf(inputs, "set"), setting), ...options];
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

function readStep(step: YamlNode, job: StepSetting, problems: Problem[]): GivenArgument[] {
  const carriers = withEnvironment(valueOf(step, "env"), job.carriers);
  const given = fromInputs(valueOf(step, "with"), carriers);
  const run = pairOf(step, "run")?.value;
  if (run?.kind !== "scalar" || run.value === null || !mentionsArguments(run.value)) return given;
  const folder = knownPath(textOf(valueOf(step, "working-directory"))) ?? job.folder;
  const templates = expressionsIn(run.text.text);
  const setting: ScriptSetting = { source: job.source, syntaxes: SYNTAXES, carriers, folder, templates };
  const shell = textOf(valueOf(step, "shell")) ?? job.shell;
  if (shell !== null && FOREIGN_SHELL.test(shell)) return [...given, ...passesInText(run.text, setting)];
  const read = passesIn(run.text, setting);
  problems.push(...read.problems);
  return [...given, ...read.given];
}

/** Reads the text of a workflow or of an action's metadata. */
export function readWorkflow(text: string, known: Carriers): Reading {
  const { roots, problems } = readYaml(text);
  const found: Problem[] = [...problems];
  const given = roots.flatMap((root) => {
    const top = runDefaults(root, { source: text, carriers: known, shell: null, folder: "" });
    const jobs = pairsOf(valueOf(root, "jobs")).flatMap(({ value: job }) => {
      const setting = runDefaults(job, top);
      const steps = itemsOf(valueOf(job, "steps")).flatMap((step) => readStep(step, setting, found));
      return [...fromInputs(valueOf(job, "with"), setting.carriers), ...steps];
    });
    const composite = itemsOf(valueOf(valueOf(root, "runs"), "steps")).flatMap((step) => readStep(step, top, found));
    return [...jobs, ...composite];
  });
  return { given, problems: found };
}
