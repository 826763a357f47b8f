/**
 * Reads build arguments that stand in YAML: as a mapping, as a list, or as lines of one text. What compose, bake in JSON
 * and CI files have in common; knows no format's keys.
 */

import { toSourceSpan, type MappedText } from "../dockerfile/mapped-text.ts";
import type { Build, InlineDockerfile, NamedBuild, PartBuild, PassForm } from "./facts.ts";
import { sourceOf, type Carriers, type GivenArgument, type GivenValue } from "./judge-pass.ts";
import { hasReference, referencesIn, type Syntax } from "./reference.ts";
import { itemsOf, pairsOf, type YamlNode, type YamlScalar } from "./yaml-file.ts";

/** What a reader found in one file. */
export interface Reading {
  readonly given: readonly GivenArgument[];
  /** The builds by a Dockerfile whose name is known; none unless given. */
  readonly builds?: readonly NamedBuild[];
  /** What services and targets say of their builds; nothing unless given. */
  readonly parts?: readonly PartBuild[];
  readonly inlineDockerfiles?: readonly InlineDockerfile[];
  /** What could not be read, at offsets of the file. */
  readonly problems: readonly { readonly offset: number; readonly message: string }[];
}

/** The text of a file in the folder of the one that is read; null when there is none, or when nobody reads it. */
export type FileBeside = (name: string) => string | null;

/** More build arguments than any real file hands over, with what inheritance multiplies. */
export const MAX_PASSES: number = 20_000;

/** What is said of a file with more. */
export const TOO_MANY_PASSES: string = `more than ${MAX_PASSES} build arguments are handed over`;

/** Stops a reading that finds more than any real file holds, with what its variables multiply. */
export function isTooMuch({ given, builds = [] }: Pick<Reading, "given" | "builds">): boolean {
  return given.length + builds.length > MAX_PASSES;
}

/** What is said of a file that is not read to its end. */
export const TOO_MUCH: string = "its builds are too many to be read";

/** What holds for all arguments of one build. */
export interface YamlSetting {
  readonly form: PassForm;
  readonly build: Build;
  readonly syntaxes: readonly Syntax[];
  readonly carriers: Carriers;
  /** What the value of a mapping's key without one means: taken from the environment, or not given at all. */
  readonly isNullGiven: boolean;
}

/** A stretch of a scalar as the value of an argument. */
export function valueIn(text: MappedText, start: number, end: number, syntaxes: readonly Syntax[]): GivenValue {
  const part = text.text.slice(start, end);
  return {
    text: part,
    span: toSourceSpan(text, start, end),
    references: referencesIn(part, syntaxes),
    isComputed: hasReference(part, syntaxes),
  };
}

/** A whole scalar as a value. */
export function valueOfScalar({ text }: YamlScalar, syntaxes: readonly Syntax[]): GivenValue {
  return valueIn(text, 0, text.text.length, syntaxes);
}

/** `NAME=value` (or a bare name) at a stretch of a scalar. */
export function pairIn(text: MappedText, start: number, end: number, setting: YamlSetting): GivenArgument | null {
  const part = text.text.slice(start, end);
  const match = /^([A-Za-z_][\w.-]*)\s*\+?(=|$)/.exec(part);
  const [head = "", argument = "", equals = ""] = match ?? [];
  if (match === null) return null;
  const value = equals === "" ? null : valueIn(text, start + head.length, end, setting.syntaxes);
  const { form, build, carriers } = setting;
  return {
    argument,
    span: toSourceSpan(text, start, end),
    value,
    form,
    build,
    from: sourceOf(argument, value, carriers),
  };
}

const NAME = /^[A-Za-z_][\w.-]*$/;
const LINE = /[^\n]+/g;
const ITEM = /[^\n,]+/g;

/** The arguments of a text with one on each line; `isCommaList` splits at commas too. */
export function argumentsInLines(
  text: MappedText,
  setting: YamlSetting,
  isCommaList: boolean = false,
): GivenArgument[] {
  return [...text.text.matchAll(isCommaList ? ITEM : LINE)].flatMap((match) => {
    const [line] = match;
    const trimmed = line.trim();
    const isQuoted = /^(["']).*\1$/.test(trimmed) && trimmed.length > 1;
    const start = match.index + line.indexOf(trimmed) + (isQuoted ? 1 : 0);
    const end = start + trimmed.length - (isQuoted ? 2 : 0);
    return pairIn(text, start, end, setting) ?? [];
  });
}

/** The arguments of a mapping, a list or a text. */
export function argumentsIn(node: YamlNode | null, setting: YamlSetting): GivenArgument[] {
  if (node === null) return [];
  if (node.kind === "scalar") return node.value === null ? [] : argumentsInLines(node.text, setting);
  if (node.kind === "list") {
    return itemsOf(node).flatMap((item) =>
      item.kind === "scalar" ? (pairIn(item.text, 0, item.text.text.length, setting) ?? []) : [],
    );
  }
  return pairsOf(node).flatMap(({ key, span, value }): GivenArgument[] => {
    if (!NAME.test(key) || value.kind !== "scalar" || (value.value === null && !setting.isNullGiven)) return [];
    const given = value.value === null ? null : valueOfScalar(value, setting.syntaxes);
    const { form, build, carriers } = setting;
    return [{ argument: key, span, value: given, form, build, from: sourceOf(key, given, carriers) }];
  });
}

/** True when an option's text asks for provenance that records build arguments. */
export function isProvenanceMax(text: string | null): boolean {
  return text !== null && /(?:^|[\s,])mode=max(?:[\s,]|$)/.test(text);
}
