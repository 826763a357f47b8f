/** Hands a build secret to a RUN, in the form that the Dockerfile's syntax has, and says what its first line needs. Pure. */

import { toSource } from "../dockerfile/mapped-text.ts";
import { mountTarget } from "../dockerfile/run-script.ts";
import type { RunRecord } from "../dockerfile/run-record.ts";
import type { SecretForm } from "../dockerfile/secret-form.ts";
import type { DockerfileReading } from "./dockerfile-reading.ts";
import { insertion, lineBreakOf, type Edit } from "./edit.ts";
import { namesVariable } from "./token-reader.ts";

/** A secret for one RUN: `id` is what the build is given, `name` the variable that it becomes. */
export interface Grant {
  readonly run: RunRecord;
  readonly id: string;
  readonly name: string;
}

const SYNTAX_LINE = "# syntax=docker/dockerfile:1";
/** The syntax line, for a file that has none. */
function syntaxLine({ parts, text }: DockerfileReading): Edit[] {
  if (parts.directives.some(({ name }) => name === "syntax")) return [];
  return [insertion(text.startsWith("\u{feff}") ? 1 : 0, SYNTAX_LINE + lineBreakOf(text))];
}

function isFileMounted({ script }: RunRecord, id: string): boolean {
  return script.mounts.some((mount) => mount.type === "secret" && mountTarget(mount) === `/run/secrets/${id}`);
}

/** The part of a command that reads the secret's file into the variable. */
function readingCommand({ run, id, name }: Grant): string {
  const { script, instruction } = run;
  const value = `${name}="$(cat /run/secrets/${id})"`;
  const [only] = script.invocations;
  const isOne = script.invocations.length === 1 && only !== undefined && only.program !== "" && only.feeder === null;
  const isFirst = only !== undefined && only.start === toSource(instruction.line, instruction.rest.start);
  const isPlain = only?.command.words[0]?.value === only?.program;
  if (isOne && isFirst && isPlain && !namesVariable(instruction.line.text, name)) return `${value} `;
  return `export ${value}; `;
}

/** The edits that hand all secrets of one RUN over; null when its form does not allow it. */
function mounted(form: SecretForm, grants: readonly [Grant, ...Grant[]]): Edit[] | null {
  const [{ run }] = grants;
  const { instruction, script } = run;
  const { line, keywordSpan, rest, json } = instruction;
  const at = toSource(line, keywordSpan.end - 1) + 1;
  if (form === "env") {
    const mounts = grants.map(({ id, name }) => ` --mount=type=secret,id=${id},env=${name}`);
    return [insertion(at, mounts.join(""))];
  }
  if (form === null || json !== null || line.heredocs.length > 0 || script.foreign !== null) return null;
  const ids = [...new Set(grants.map(({ id }) => id))].filter((id) => !isFileMounted(run, id));
  // Readable for any user: who the RUN's is, may be decided by an image from elsewhere.
  const mounts = ids.map((id) => ` --mount=type=secret,id=${id},mode=0444`);
  const reads =
    grants.length === 1
      ? readingCommand(grants[0])
      : grants.map(({ id, name }) => `export ${name}="$(cat /run/secrets/${id})"; `).join("");
  return [insertion(at, mounts.join("")), insertion(toSource(line, rest.start), reads)];
}

/** The edits for all grants, each once, with the syntax line where one is needed; null when one of them cannot be had. */
export function granted(reading: DockerfileReading, grants: readonly Grant[]): Edit[] | null {
  const form = reading.facts.secretForm;
  const byRun = new Map<RunRecord, [Grant, ...Grant[]]>();
  for (const grant of grants) {
    const known = byRun.get(grant.run);
    if (known === undefined) byRun.set(grant.run, [grant]);
    else if (known.every(({ name }) => name !== grant.name)) known.push(grant);
  }
  const edits: Edit[] = [];
  for (const own of byRun.values()) {
    const made = mounted(form, own);
    if (made === null) return null;
    edits.push(...made);
  }
  return edits.length === 0 || form === "file" ? edits : [...syntaxLine(reading), ...edits];
}

/** True when a Dockerfile takes a secret of this id, and has no build argument of that name. */
export function takesSecret({ placed, definitions }: DockerfileReading, id: string): boolean {
  const isTaken = placed.some(
    ({ run }) => run?.script.mounts.some(({ type, options }) => type === "secret" && options.get("id") === id) === true,
  );
  return isTaken && definitions.every(({ kind, name }) => kind !== "arg" || name !== id);
}
