/**
 * Reads YAML (and JSON, which is YAML) into a plain tree with places: aliases and merge keys are resolved, every scalar
 * is text. The only importer of yaml in this floor; bounded on hostile input, never throws. Knows no format's keys.
 */

import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, visit, type Alias, type Node, type Scalar } from "yaml";
import type { MappedText, Span } from "../dockerfile/mapped-text.ts";
import { tooDeepAt } from "../model/yaml-depth.ts";
import { mapScalar, type ScalarStyle } from "./yaml-scalar.ts";

/** A scalar; `value` is null for `null`, `~` and nothing at all. */
export interface YamlScalar {
  readonly kind: "scalar";
  readonly value: string | null;
  readonly text: MappedText;
  /** Source offsets, with the quotes. */
  readonly span: Span;
}

/** A key and its value; `span` reaches from the key to the end of what stands behind it. */
export interface YamlPair {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlNode;
  readonly span: Span;
}

/** A mapping: its own pairs first, then those that merge keys bring in. */
export interface YamlMap {
  readonly kind: "map";
  readonly pairs: readonly YamlPair[];
  readonly span: Span;
}

/** A sequence. */
export interface YamlList {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

/** Any node; one that is anchored may stand in the tree more than once. */
export type YamlNode = YamlScalar | YamlMap | YamlList;

/** What could be read, and what not, at offsets of the file. */
export interface YamlFile {
  readonly roots: readonly YamlNode[];
  readonly problems: readonly { readonly offset: number; readonly message: string }[];
}

const MAX_DEPTH = 200;
/** More pairs and items, with what merge keys multiply, than any real file has. */
const MAX_NODES = 200_000;
/** Nodes that aliases may stand for, all together. */
const MAX_REPEATED = 1_000_000;

function styleOf(scalar: Scalar): ScalarStyle {
  switch (scalar.type) {
    case "QUOTE_DOUBLE":
      return "double";
    case "QUOTE_SINGLE":
      return "single";
    case "BLOCK_LITERAL":
    case "BLOCK_FOLDED":
      return "block";
    default:
      return "plain";
  }
}

interface Reading {
  readonly text: string;
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly done: Map<Node, YamlNode>;
  readonly open: Set<Node>;
  readonly problems: { offset: number; message: string }[];
  count: number;
  /** Nodes below each node that was read, with what aliases repeat. */
  readonly sizes: Map<YamlNode, number>;
  repeated: number;
}

function spanOf(node: Node): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}

function nothingAt(offset: number): YamlScalar {
  const text = { text: "", segments: [{ at: 0, src: offset, length: 0, srcLength: 0 }] };
  return { kind: "scalar", value: null, text, span: { start: offset, end: offset } };
}

/** Every scalar is text in the schema that is used. */
function textIn({ value }: Scalar): string {
  return typeof value === "string" ? value : "";
}

function readScalar(scalar: Scalar, text: string): YamlScalar {
  const style = styleOf(scalar);
  const span = spanOf(scalar);
  const value = textIn(scalar);
  const isNull = style === "plain" && /^(?:null|Null|NULL|~|)$/.test(value);
  let { start, end } = span;
  if (style === "block") {
    const header = text.indexOf("\n", start);
    start = header === -1 || header >= end ? end : header + 1;
    while (end > start && /\s/.test(text.charAt(end - 1))) end--;
  } else if (style !== "plain") {
    start++;
    end = Math.max(start, end - 1);
  }
  return { kind: "scalar", value: isNull ? null : value, text: mapScalar(text, start, end, style, value), span };
}

/** What `<<` brings in: a mapping, or a list of them of which the first wins. */
function mergedPairs(node: YamlNode): readonly YamlPair[] {
  if (node.kind === "map") return node.pairs;
  return node.kind === "list" ? node.items.flatMap((item) => (item.kind === "map" ? item.pairs : [])) : [];
}

function readCollection(node: Node, reading: Reading, depth: number): YamlMap | YamlList {
  const span = spanOf(node);
  if (isSeq(node)) {
    const items = node.items.map((item) => readNode(item, span.start, reading, depth + 1));
    return { kind: "list", items, span };
  }
  const own: YamlPair[] = [];
  const merged: YamlPair[] = [];
  for (const { key, value } of isMap(node) ? node.items : []) {
    const name = isScalar(key) ? textIn(key) : "";
    const keySpan = isScalar(key) ? spanOf(key) : { start: span.start, end: span.start };
    const read = readNode(value, keySpan.end, reading, depth + 1);
    const at = isAlias(value) ? spanOf(value) : read.span;
    if (name === "<<") merged.push(...mergedPairs(read));
    else
      own.push({ key: name, keySpan, value: read, span: { start: keySpan.start, end: Math.max(keySpan.end, at.end) } });
  }
  const known = new Set(own.map(({ key }) => key));
  for (const pair of merged) {
    if (known.has(pair.key) || ++reading.count > MAX_NODES) continue;
    known.add(pair.key);
    own.push(pair);
  }
  return { kind: "map", pairs: own, span };
}

function readNode(node: unknown, fallback: number, reading: Reading, depth: number): YamlNode {
  const target = isAlias(node) ? reading.targets.get(node) : node;
  if (!isScalar(target) && !isMap(target) && !isSeq(target)) return nothingAt(fallback);
  const known = reading.done.get(target);
  if (known !== undefined) {
    reading.repeated += reading.sizes.get(known) ?? 1;
    return reading.repeated > MAX_REPEATED ? tooMuch(reading, fallback) : known;
  }
  const isTooMuch = reading.open.has(target) || depth > MAX_DEPTH || ++reading.count > MAX_NODES;
  if (isTooMuch) return tooMuch(reading, fallback);
  reading.open.add(target);
  const read = isScalar(target) ? readScalar(target, reading.text) : readCollection(target, reading, depth);
  reading.open.delete(target);
  reading.done.set(target, read);
  reading.sizes.set(read, sizeOf(read, reading.sizes));
  return read;
}

/** A node and all below it, counted as often as aliases repeat them. */
function sizeOf(node: YamlNode, sizes: ReadonlyMap<YamlNode, number>): number {
  const below = node.kind === "map" ? node.pairs.map(({ value }) => value) : node.kind === "list" ? node.items : [];
  return below.reduce((sum, child) => Math.min(sum + (sizes.get(child) ?? 1), MAX_REPEATED), 1);
}

function tooMuch({ problems }: Reading, offset: number): YamlScalar {
  if (problems.every(({ message }) => message !== TOO_MUCH)) problems.push({ offset, message: TOO_MUCH });
  return nothingAt(offset);
}

const TOO_MUCH = "it holds more, deeper or circular nodes than are read";

/** The node of each alias: the last one before it that has the anchor. One pass; the library's own look-up is a pass each. */
function aliasTargets(contents: Node | null): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(contents, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) {
        anchors.set(node.anchor, node);
      }
    },
  });
  return targets;
}

/** Reads every document of a file. */
export function readYaml(text: string): YamlFile {
  const problems: { offset: number; message: string }[] = [];
  const roots: YamlNode[] = [];
  // A parser that runs out of stack may take the whole process with it, so such text never gets to it.
  const deep = tooDeepAt(text, MAX_DEPTH);
  if (deep !== null) return { roots, problems: [{ offset: deep, message: "it is nested too deep to be read" }] };
  try {
    const options = { schema: "failsafe", uniqueKeys: false, prettyErrors: false, logLevel: "error" } as const;
    const documents = parseAllDocuments(text, options);
    for (const document of Array.isArray(documents) ? documents : []) {
      for (const { pos, code } of document.errors.slice(0, 1)) {
        const what = /^\s*\{\s*["}]/.test(text) ? "JSON" : "YAML";
        const message = `it is no valid ${what} (${code.toLowerCase().replaceAll("_", " ")})`;
        problems.push({ offset: pos[0], message });
      }
      const { contents } = document;
      const targets = aliasTargets(contents);
      const reading: Reading = {
        text,
        targets,
        done: new Map(),
        open: new Set(),
        problems,
        count: 0,
        sizes: new Map(),
        repeated: 0,
      };
      roots.push(readNode(contents, 0, reading, 0));
    }
  } catch {
    problems.push({ offset: 0, message: "it is nested too deep to be read" });
  }
  return { roots, problems };
}

/** The value of a key; null when the node is no mapping or has no such key. */
export function valueOf(node: YamlNode | null | undefined, key: string): YamlNode | null {
  return pairOf(node, key)?.value ?? null;
}

/** The pair of a key, the last one where it is repeated. */
export function pairOf(node: YamlNode | null | undefined, key: string): YamlPair | null {
  return node?.kind === "map" ? (node.pairs.findLast((pair) => pair.key === key) ?? null) : null;
}

/** The pairs of a mapping; none of anything else. */
export function pairsOf(node: YamlNode | null | undefined): readonly YamlPair[] {
  return node?.kind === "map" ? node.pairs : [];
}

/** The items of a list; none of anything else. */
export function itemsOf(node: YamlNode | null | undefined): readonly YamlNode[] {
  return node?.kind === "list" ? node.items : [];
}

/** The text of a scalar; null for anything else. */
export function textOf(node: YamlNode | null | undefined): string | null {
  return node?.kind === "scalar" ? node.value : null;
}
