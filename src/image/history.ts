/**
 * The history of an image: which instruction made which layer, and instructions in a form that may be quoted. Values of
 * token-named variables are masked whatever their shape.
 */

import { isPlaceholder } from "../token/placeholder.ts";
import { maskSpans, type Secrets } from "../token/secrets.ts";
import { field, items, text } from "./json-document.ts";

/** A variable that by its name holds a token, with a value; the value itself is not kept. */
export interface NamedValue {
  readonly name: string;
  /** True for a build argument, and for what ENV, LABEL and ARG set; false for an assignment in a command. */
  readonly isVariable: boolean;
  /** True when the value could be a secret of any shape, and is no placeholder, reference or path. */
  readonly isSecret: boolean;
}

/** One history entry. */
export interface HistoryEntry {
  /** `created_by`, masked; null when there is none. */
  readonly createdBy: string | null;
  readonly named: readonly NamedValue[];
  /** True for an entry of kaniko, which writes instructions as they stand, and none for those that make no layer. */
  readonly isAsWritten: boolean;
}

/** The whole history. */
export interface History {
  readonly entries: readonly HistoryEntry[];
  /** For each layer, the masked instruction that made it; null where the history does not tell. */
  readonly byLayer: readonly (string | null)[];
  /** For each layer, the index of the entry that made it; null where the history does not tell. */
  readonly entryOfLayer: readonly (number | null)[];
}

/** An image with its history. */
export interface ImageHistory {
  /** What the report calls it. */
  readonly image: string;
  readonly history: History;
}

const ASSIGNMENT = /(?<![A-Za-z0-9_.-])([A-Za-z_][A-Za-z0-9_.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s;&|]*)/g;
/** `|2 A=x B=y z /bin/sh -c …`: values are not quoted, so one ends where the next name or the shell begins. */
const BUILD_ARGUMENTS = /^(?:RUN )?\|\d+ /;
const BUILD_ARGUMENT =
  /(?<=\s)([A-Za-z_][A-Za-z0-9_.-]*)=(.*?)(?=\s[A-Za-z_][A-Za-z0-9_.-]*=|\s\/|\s(?:cmd|powershell|pwsh)\b|$)/gs;
const MIN_SECRET_LENGTH = 8;
/** An instruction that sets variables or labels: as BuildKit writes it, or behind the shell of the other builders. */
const SETS_VARIABLES = /^(?:\S+(?: \S+){0,5} #\(nop\)\s+)?(?:ARG|ENV|LABEL)\s/;

/** `NAME=value` in an instruction; the value as written, with quotes. */
interface Assignment {
  readonly name: string;
  readonly value: string;
  /** Offset of the value. */
  readonly start: number;
  readonly isVariable: boolean;
}

function assignmentAt(match: RegExpMatchArray, offset: number, isVariable: boolean): Assignment {
  const [, name = "", value = ""] = match;
  return { name, value, start: offset + (match.index ?? 0) + name.length + 1, isVariable };
}

/** Every assignment in an instruction: of its build arguments first, then of the rest. */
function assignmentsIn(instruction: string): Assignment[] {
  const found: Assignment[] = [];
  const head = BUILD_ARGUMENTS.exec(instruction);
  let from = 0;
  if (head !== null) {
    const shell = /\s(?:\/|cmd\b|powershell\b|pwsh\b)/.exec(instruction.slice(head[0].length - 1));
    from = shell === null ? instruction.length : head[0].length - 1 + shell.index;
    for (const match of instruction.slice(0, from).matchAll(BUILD_ARGUMENT)) found.push(assignmentAt(match, 0, true));
  }
  const isVariable = SETS_VARIABLES.test(instruction);
  for (const match of instruction.slice(from).matchAll(ASSIGNMENT)) found.push(assignmentAt(match, from, isVariable));
  return found;
}

/** The variable whose value covers an offset of an instruction; null in a command. */
export function variableAround(instruction: string, offset: number): string | null {
  const around = assignmentsIn(instruction).find(
    ({ start, value, isVariable }) => isVariable && start <= offset && offset < start + value.length,
  );
  return around?.name ?? null;
}

function unquoted(value: string): string {
  return value.replace(/^(["'])(.*)\1$/s, "$2");
}

/** True for a value that, in a token-named variable, must be taken for a secret. */
export function isSecretValue(value: string, name: string): boolean {
  const bare = unquoted(value);
  if (bare.length < MIN_SECRET_LENGTH || isPlaceholder(bare, name)) return false;
  return !/^(?:\$|`|\/|~|https?:\/\/[^@]*$)|^\d+$|\$\(|\$\{|<</.test(bare);
}

/** An instruction with the values of token-named variables masked, and what was masked. */
export function maskInstruction(
  instruction: string,
  secrets: Secrets,
): { readonly masked: string; readonly named: readonly NamedValue[] } {
  const spans: { start: number; end: number }[] = [];
  const named: NamedValue[] = [];
  for (const { name, value, start: at, isVariable } of assignmentsIn(instruction)) {
    if (value === "" || !secrets.isTokenName(name)) continue;
    const isSecret = isSecretValue(value, name);
    named.push({ name, isVariable, isSecret });
    if (!isSecret) continue;
    const bare = unquoted(value);
    const start = at + (bare === value ? 0 : 1);
    spans.push({ start, end: start + bare.length });
    secrets.hide(bare);
  }
  return { masked: spans.length === 0 ? instruction : maskSpans(instruction, spans), named };
}

/** Reads the history of a config and pairs it with its layers. */
export function readHistory(config: unknown, layerCount: number, secrets: Secrets): History {
  const raw = items(field(config, "history"));
  const entries = raw.map((entry): HistoryEntry => {
    const createdBy = text(field(entry, "created_by"));
    const isAsWritten = field(entry, "author") === "kaniko";
    if (createdBy === null || createdBy === "") return { createdBy: null, named: [], isAsWritten };
    const { masked, named } = maskInstruction(createdBy, secrets);
    return { createdBy: masked, named, isAsWritten };
  });
  const makers = entries.flatMap((_, i) => (field(raw[i], "empty_layer") === true ? [] : [i]));
  // Squashed, imported and rebuilt images have histories that do not fit their layers: better no instruction than a wrong one.
  const fits = makers.length === layerCount;
  const entryOfLayer = Array.from({ length: layerCount }, (_, i) => (fits ? (makers[i] ?? null) : null));
  const byLayer = entryOfLayer.map((index) => (index === null ? null : (entries[index]?.createdBy ?? null)));
  return { entries, byLayer, entryOfLayer };
}
