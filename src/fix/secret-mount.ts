/**
 * Hands a build secret to a RUN: by `env=` where the Dockerfile's syntax has it (docker/dockerfile 1.10), else as a file
 * that the command reads. Says which of the two a file can have, and what its first line needs. Pure.
 */

import { toSource } from "../dockerfile/mapped-text.ts";
import { mountTarget } from "../dockerfile/run-script.ts";
import type { RunRecord } from "../dockerfile/run-record.ts";
import type { DockerfileReading } from "./dockerfile-reading.ts";
import { insertion, lineBreakOf, type Edit } from "./edit.ts";
import { namesVariable } from "./token-reader.ts";

/** How secrets come into the RUNs of a file; null when its syntax has none, or is not known. */
type MountForm = "env" | "file" | null;

/** A secret for one RUN: `id` is what the build is given, `name` the variable that it becomes. */
export interface Grant {
  readonly run: RunRecord;
  readonly id: string;
  readonly name: string;
}

const SYNTAX_LINE = "# syntax=docker/dockerfile:1";
/** docker/dockerfile of Docker Hub, or a copy of it in a registry. */
const OFFICIAL = /(?:^|\/)docker\/dockerfile(?:-upstream)?(?::([\w.-]+))?(?:@sha256:[0-9a-f]+)?$/;

/** Which form a syntax line allows; the releases are those of the docker/dockerfile image. */
function formOf(syntax: string): MountForm {
  const match = OFFICIAL.exec(syntax);
  if (match === null) return null;
  const tag = match[1] ?? (syntax.includes("@") ? "" : "latest");
  if (/^(?:latest|labs|master|1|1-labs)$/.test(tag)) return "env";
  const [, major = "", minor = ""] = /^(\d+)\.(\d+)(?:[.-]|$)/.exec(tag) ?? [];
  if (major === "") return null;
  if (Number(major) > 1 || Number(minor) >= 10) return "env";
  return Number(minor) >= 2 ? "file" : null;
}

/** How secrets can be handed over in this file. */
function mountForm({ parts, text, facts }: DockerfileReading): MountForm {
  // Podman and buildah know the file alone (podman-container-tools/podman#24906), and read no syntax line.
  if (/(?:^|\/)Containerfile[^/]*$/.test(facts.path)) return "file";
  const syntax = parts.directives.find(({ name }) => name === "syntax");
  if (syntax !== undefined) return formOf(syntax.value);
  return /^\u{feff}?#!/u.test(text) ? null : "env";
}

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
function mounted(form: MountForm, grants: readonly [Grant, ...Grant[]]): Edit[] | null {
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
  const form = mountForm(reading);
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
