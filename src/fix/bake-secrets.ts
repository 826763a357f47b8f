/**
 * `args` of a bake target become its `secret`, in HCL and in JSON. Only where the value is a variable that the environment
 * fills, and where no target inherits secrets from another. Pure.
 */

import { elementsOf, objectEntries, readHcl, type HclBody } from "../callers/hcl-file.ts";
import type { HclToken } from "../callers/hcl-token.ts";
import { itemsOf, pairOf, pairsOf, readYaml, textOf, type YamlNode } from "../callers/yaml-file.ts";
import type { Pass } from "../callers/facts.ts";
import type { Span } from "../dockerfile/mapped-text.ts";
import { indentAt, lineAt, NOTHING_MENDED, type CallerReading, type MendedCaller } from "./caller-pass.ts";
import { deletedLines, deletion, insertion, lineBreakOf, lineStart, nextLine, type Edit } from "./edit.ts";

/** The arguments of one target, whatever the syntax: places in the file. */
interface TargetArguments {
  /** From the key to the end of the value. */
  readonly whole: Span;
  readonly entries: readonly Span[];
  /** Where a further secret is put in, and whether one stands before it; null without a list of secrets. */
  readonly secrets: { readonly at: number; readonly isEmpty: boolean } | null;
}

/** How a syntax writes the attribute. */
type Attribute = (secrets: string) => string;

/** The variable that a value is: `HF_TOKEN`, `"${HF_TOKEN}"`. */
function variableIn(value: string): string | null {
  const match = /^"?\$\{\s*([A-Za-z_]\w*)\s*\}"?$|^([A-Za-z_]\w*)$/.exec(value.trim());
  return match?.[1] ?? match?.[2] ?? null;
}

/** The stretches of an object without one entry, with the comma or the line that goes with it. */
function withoutEntry(
  text: string,
  { whole, entries }: TargetArguments,
  entry: Span,
  gone: ReadonlySet<Span>,
): Edit | null {
  const isOwnLine = /^\s*$/.test(text.slice(lineStart(text, entry.start), entry.start));
  const rest = text.slice(entry.end, nextLine(text, entry.end));
  const at = entries.indexOf(entry);
  const before = entries[at - 1];
  const after = entries[at + 1];
  const needsComma = text.slice(whole.start, whole.end).startsWith('"');
  if (isOwnLine && /^,?[ \t]*\r?\n?$/.test(rest) && (!needsComma || after !== undefined)) {
    return deletedLines(text, entry.start, entry.start);
  }
  if (after !== undefined && !text.slice(entry.end, after.start).includes("\n"))
    return deletion(entry.start, after.start);
  if (before === undefined || gone.has(before)) return null;
  return /^\s*,?\s*$/.test(text.slice(before.end, entry.start)) ? deletion(before.end, entry.end) : null;
}

/** The edits that turn arguments of a target into secrets; null when that is not certain. */
function mendTarget(
  text: string,
  target: TargetArguments,
  secrets: readonly { readonly entry: Span; readonly secret: string }[],
  attribute: Attribute,
): Edit[] | null {
  const { whole, entries } = target;
  const gone = new Set(secrets.map(({ entry }) => entry));
  const list = secrets.map(({ secret }) => `"${secret}"`).join(", ");
  const put = target.secrets;
  const added = put === null ? null : insertion(put.at, put.isEmpty ? list : `, ${list}`);
  const between = text.slice(whole.start, whole.end);
  if (gone.size === entries.length) {
    if (/(?:^|\s)(?:#|\/\/|\/\*)/.test(between)) return null;
    if (added === null) return [{ from: whole.start, to: whole.end, text: attribute(list) }];
    const isOwnLines = /^\s*$/.test(text.slice(lineStart(text, whole.start), whole.start)) && !between.startsWith('"');
    return isOwnLines ? [added, deletedLines(text, whole.start, whole.end)] : null;
  }
  const removed = [...gone].map((entry) => withoutEntry(text, target, entry, gone));
  const edits = removed.filter((edit) => edit !== null);
  if (edits.length < removed.length) return null;
  const indent = indentAt(text, whole.start);
  const isAlone = lineAt(text, whole.start).startsWith(indent + text.slice(whole.start, whole.start + 1));
  if (added !== null) return [added, ...edits];
  const comma = between.startsWith('"') ? "," : "";
  return isAlone ? [insertion(whole.start, attribute(list) + comma + lineBreakOf(text) + indent), ...edits] : null;
}

/** Mends the arguments of all targets; `empty` are the variables without a default. */
function mendTargets(
  { text, wanted }: CallerReading,
  targets: readonly TargetArguments[],
  empty: ReadonlySet<string>,
  attribute: Attribute,
): MendedCaller {
  const edits: Edit[] = [];
  const done: Pass[] = [];
  for (const target of targets) {
    const own = wanted.flatMap(({ pass, id }) => {
      const entry = target.entries.find(({ start, end }) => start === pass.span.start && pass.span.end <= end);
      const variable = pass.valueText === null ? null : variableIn(pass.valueText);
      if (entry === undefined || variable === null || !empty.has(variable) || pass.token !== null) return [];
      return [{ pass, entry, secret: `id=${id},env=${variable}` }];
    });
    const once = [...new Map(own.map((item) => [item.entry, item])).values()];
    const made = once.length === 0 ? null : mendTarget(text, target, once, attribute);
    if (made === null) continue;
    edits.push(...made);
    done.push(...own.map(({ pass }) => pass));
  }
  return { edits, done };
}

function attributeIn(body: HclBody, name: string): { key: HclToken; value: readonly HclToken[] } | null {
  return body.attributes.findLast((item) => item.name === name) ?? null;
}

function spanOf(tokens: readonly HclToken[]): Span {
  return { start: tokens[0]?.start ?? 0, end: tokens.at(-1)?.end ?? 0 };
}

/** The edits for a bake file in HCL. */
export function bakeHclSecrets(reading: CallerReading): MendedCaller {
  const { body, problems } = readHcl(reading.text);
  if (problems.length > 0) return NOTHING_MENDED;
  const blocks = body.blocks.filter(({ type }) => type === "target");
  const isInherited = blocks.some(({ body: own }) => attributeIn(own, "inherits") !== null);
  if (isInherited && blocks.some(({ body: own }) => attributeIn(own, "secret") !== null)) return NOTHING_MENDED;
  const targets = blocks.flatMap(({ body: own }): TargetArguments[] => {
    const args = attributeIn(own, "args");
    const entries = args === null ? null : objectEntries(args.value);
    const list = attributeIn(own, "secret");
    const elements = list === null ? null : elementsOf(list.value, "[");
    if (args === null || entries === null || (list !== null && elements === null)) return [];
    const last = elements?.at(-1);
    const end = spanOf(list?.value ?? []).end;
    return [
      {
        whole: { start: args.key.start, end: spanOf(args.value).end },
        entries: entries.map(({ key, value }) => ({ start: key.start, end: spanOf(value).end })),
        secrets:
          elements === null
            ? null
            : { at: last === undefined ? end - 1 : spanOf(last).end, isEmpty: last === undefined },
      },
    ];
  });
  const empty = body.blocks.flatMap(({ type, labels, body: own }) => {
    const [only, ...others] = attributeIn(own, "default")?.value ?? [];
    const isEmpty = only === undefined || (others.length === 0 && (only.text === "" || only.text === "null"));
    return type === "variable" && isEmpty ? labels.slice(0, 1) : [];
  });
  return mendTargets(reading, targets, new Set(empty), (secrets) => `secret = [${secrets}]`);
}

function jsonTargets(root: YamlNode): TargetArguments[] {
  return pairsOf(pairOf(root, "target")?.value).flatMap(({ value }): TargetArguments[] => {
    const args = pairOf(value, "args");
    const list = pairOf(value, "secret");
    if (args?.value.kind !== "map" || (list !== null && list.value.kind !== "list")) return [];
    const last = itemsOf(list?.value).at(-1);
    const end = list?.value.span.end ?? 0;
    return [
      {
        whole: args.span,
        entries: args.value.pairs.map(({ span }) => span),
        secrets: list === null ? null : { at: last?.span.end ?? end - 1, isEmpty: last === undefined },
      },
    ];
  });
}

/** The edits for a bake file in JSON. */
export function bakeJsonSecrets(reading: CallerReading): MendedCaller {
  const { roots, problems } = readYaml(reading.text);
  const [root] = roots;
  if (root === undefined || problems.length > 0 || /"(?:inherits)"\s*:/.test(reading.text)) return NOTHING_MENDED;
  const empty = pairsOf(pairOf(root, "variable")?.value).flatMap(({ key, value }) => {
    const fallback = pairOf(value, "default");
    return fallback === null || (textOf(fallback.value) ?? "") === "" ? [key] : [];
  });
  return mendTargets(reading, jsonTargets(root), new Set(empty), (secrets) => `"secret": [${secrets}]`);
}
