/**
 * One RUN with its logins and the variables it uses as tokens, read in the scope of its stage; and what becomes of the
 * files of a login once the RUN is over.
 */

import type { TokenNames } from "../token/name.ts";
import type { Reach, Step } from "./facts.ts";
import type { DefinitionUse } from "./flow.ts";
import { HOME_VARIABLES, type Environment } from "./home-path.ts";
import type { Invocation } from "./invocation.ts";
import { findLogins, leftFiles, mayRemove, removes, type FoundLogin } from "./login.ts";
import type { Span } from "./mapped-text.ts";
import type { Instruction } from "./parse.ts";
import { readRun, type RunScript } from "./run-script.ts";
import type { Scope } from "./scope.ts";
import { pathText } from "./shell-path.ts";
import type { ShellWord } from "./shell-word.ts";
import { tokenUses } from "./token-use.ts";
import { workingFolders } from "./working-folder.ts";

/** A RUN, read. */
export interface RunRecord {
  readonly instruction: Instruction;
  readonly stage: number;
  readonly reach: Reach;
  readonly script: RunScript;
  readonly logins: readonly { readonly login: FoundLogin; readonly leaves: readonly string[] }[];
  readonly uses: readonly DefinitionUse[];
  /** What the stage says of its home and folder. */
  readonly home: Environment;
  /** The same, with what the script sets for itself. */
  readonly environment: Environment;
  /** What a program of it finds in its environment, with the folder that it runs in. */
  readonly environmentOf: (invocation: Invocation | null) => Environment;
  /** The variables that it can see. */
  readonly scope: Scope;
  readonly isTokenName: TokenNames;
}

/** What a script sets for itself with words that hold no expansion; a computed home is a folder of its own. */
function staticAssignments(invocations: readonly Invocation[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { command } of invocations) {
    const own = command.words.length === 0 ? command.assignments : [];
    for (const { name, value } of [...own, ...command.declarations]) {
      const text = value.value ?? (HOME_VARIABLES.includes(name) ? computedHome(name, value) : null);
      if (text !== null) values.set(name, text);
    }
  }
  return values;
}

/** `$(mktemp -d)` and `$DIR/hf` as a path; null for one with a default, or that is made from the variable itself. */
function computedHome(name: string, value: ShellWord): string | null {
  const isPlain = value.pieces.every((piece) => {
    return piece.kind !== "variable" || (piece.operator === "" && piece.name !== name);
  });
  return isPlain ? (pathText(value) ?? `\${${name}}`) : null;
}

/** What each program of a script finds in its environment, by what is set for it and by the folder that it runs in. */
export function environmentsOf(
  invocations: readonly Invocation[],
  environment: Environment,
): (invocation: Invocation | null) => Environment {
  let folders: ReturnType<typeof workingFolders> | null = null;
  return (invocation) => {
    folders ??= workingFolders(invocations, environment);
    const isMoved = invocation !== null && folders.has(invocation);
    if (invocation === null || (!isMoved && invocation.assignments.length === 0)) return environment;
    const set = new Map(invocation.assignments.map(({ name, value }) => [name, value.value]));
    if (isMoved) set.set("PWD", folders.get(invocation) ?? null);
    return (name) => (isMoved && name === "PWD" ? (set.get(name) ?? undefined) : (set.get(name) ?? environment(name)));
  };
}

/** What a RUN finds when it starts, beside the variables: the stage's SHELL, and where its home is. */
export interface RunSetting {
  readonly shell: readonly string[];
  readonly home: Environment;
  readonly isTokenName: TokenNames;
}

/** Reads a RUN in the scope before it, frozen. */
export function readRunRecord(
  instruction: Instruction,
  stage: number,
  reach: Reach,
  scope: Scope,
  { shell, home, isTokenName }: RunSetting,
): RunRecord {
  return recordOf({ instruction, stage, reach, script: readRun(instruction, shell), scope, isTokenName }, home);
}

/** Reads what a RUN starts, in the scope before it. */
export function recordOf(
  run: Pick<RunRecord, "instruction" | "stage" | "reach" | "script" | "scope" | "isTokenName">,
  home: Environment,
): RunRecord {
  const { instruction, stage, reach, script, scope, isTokenName } = run;
  const own = staticAssignments(script.invocations);
  const environment: Environment = (name) => own.get(name) ?? home(name);
  const environmentOf = environmentsOf(script.invocations, environment);
  const logins = leftFiles(findLogins(script, environmentOf), script, environmentOf);
  const uses = tokenUses(script.invocations, isTokenName).flatMap(({ name, span, text }): DefinitionUse[] => {
    const definition = scope(name);
    return definition === undefined ? [] : [{ definition, step: { span, text: `${name} ${text}` } }];
  });
  // Written out: with a spread in it the object costs more than all that is read into it.
  return {
    instruction,
    stage,
    reach,
    script,
    logins,
    uses,
    home,
    environment,
    environmentOf,
    scope,
    isTokenName,
  };
}

/** RUNs that delete something, of which a reader is told one. */
const MAX_LATER = 200;

/** The RUNs that may delete a file at all. */
export function deletingRuns(records: readonly RunRecord[]): RunRecord[] {
  return records.filter(({ script }) => script.invocations.some(mayRemove));
}

/** The first of the deleting RUNs that deletes one of the files, which an instruction at `at` has left in a stage. */
export function laterDeletion(
  leaves: readonly string[],
  { stage, at }: { readonly stage: number; readonly at: number },
  deleting: readonly RunRecord[],
): Step | null {
  const later = deleting.filter((record) => record.stage === stage && record.instruction.line.start > at);
  for (const { script, environmentOf } of later.slice(0, MAX_LATER)) {
    const hit = script.invocations.find((invocation) =>
      leaves.some((file) => removes(invocation, file, environmentOf(invocation))),
    );
    if (hit === undefined) continue;
    const text = "deleting it here only hides it: the layer below still holds the bytes";
    return { span: { start: hit.start, end: hit.end }, text };
  }
  return null;
}

/** The place of something in a RUN: that of the command which starts the script that it stands in, when it does. */
export function placeIn(
  { line }: Instruction,
  { span, invocation }: { readonly span: Span; readonly invocation: Invocation | null },
): { readonly span: Span; readonly inScript: Step | null } {
  const own = { start: span.start, end: span.end };
  let starter = invocation;
  if (own.start < line.start) {
    // A script that another instruction types: it stands in the Dockerfile, and this RUN starts it.
    while (starter !== null && starter.start < line.start) starter = starter.parent;
    const { start, end } = starter ?? line;
    return { span: own, inScript: { span: { start, end }, text: "this starts it" } };
  }
  if (own.start <= line.end) return { span: own, inScript: null };
  while (starter !== null && starter.start > line.end) starter = starter.parent;
  const { start, end } = starter ?? line;
  return { span: { start, end }, inScript: { span: own, text: "it stands in this script" } };
}
