/**
 * Reads the text of a config or a baseline, YAML or JSON, into a plain value whose every part has its place. The only
 * importer of yaml in this floor. Whatever is wrong is thrown as one line with the place; hostile text costs no more than
 * honest text of its size, and is never quoted.
 */

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Node } from "yaml";
import { HullcheckError } from "../model/errors.ts";
import { tooDeepAt } from "../model/yaml-depth.ts";
import type { FileOrigin } from "./settings.ts";

/** A way from the root of a value to a part of it. */
export type ValuePath = readonly PropertyKey[];

/** A text that was read. */
export interface ConfigText {
  /** Plain data; an empty text is an empty object. */
  readonly value: unknown;
  /** Where a value stands; of one that is missing, where what should hold it stands. */
  readonly placeOf: (path: ValuePath) => FileOrigin;
  /** Where a key stands in the mapping at a path. */
  readonly placeOfKey: (path: ValuePath, key: string) => FileOrigin;
}

/** Far deeper than any config; a parser that recurses would run out of stack at thousands. */
const MAX_DEPTH = 200;

/** An error at a place of a config, in one line. */
export function configError(place: FileOrigin, message: string, hint?: string): HullcheckError {
  const { path, line, column } = place;
  return new HullcheckError("config", `${path}:${line}:${column}: ${message}`, hint === undefined ? {} : { hint });
}

function startOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
}

/** What has no place here: aliases, which multiply, tags, and keys that come twice. Offset and message of the first. */
function findRefused(contents: Node | null): readonly [offset: number, message: string] | null {
  let refused: readonly [number, string] | null = null;
  visit(contents, {
    Alias: (_, node) => {
      refused = [node.range?.[0] ?? 0, "aliases are not read; write the value out"];
      return visit.BREAK;
    },
    Map: (_, node) => {
      const known = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key) || isAlias(key)) {
          refused = [startOf(key ?? node), "a key has to be a plain text"];
          return visit.BREAK;
        }
        if (known.has(key.value)) {
          refused = [startOf(key), "this key stands here twice"];
          return visit.BREAK;
        }
        known.add(key.value);
      }
      return undefined;
    },
  });
  return refused;
}

/**
 * Reads a text.
 * @param shown what the user calls the file
 * @param maxCharacters longer texts are refused
 * @throws HullcheckError for text that is no YAML, too long, too deep, or holds aliases
 */
export function readConfigText(text: string, shown: string, maxCharacters: number): ConfigText {
  const lines = new LineCounter();
  const at = (offset: number): FileOrigin => {
    const { line, col } = lines.linePos(offset);
    return { from: "file", path: shown, line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (text.length > maxCharacters) {
    throw new HullcheckError("config", `${shown} is longer than ${maxCharacters} characters`, {
      hint: "check that it is the right file",
    });
  }
  const deep = tooDeepAt(text, MAX_DEPTH);
  if (deep !== null) {
    const line = text.slice(0, deep).split("\n").length;
    const place: FileOrigin = { from: "file", path: shown, line, column: deep - text.lastIndexOf("\n", deep - 1) };
    throw configError(place, "it is nested too deep to be read");
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "error",
  });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    throw configError(
      at(error.pos[0]),
      `it is no valid ${shown.endsWith(".json") ? "JSON" : "YAML"} (${error.code.toLowerCase().replaceAll("_", " ")})`,
    );
  }
  const refused = findRefused(document.contents);
  if (refused !== null) throw configError(at(refused[0]), refused[1]);

  const nodeAt = (path: ValuePath): Node | null => {
    let node: unknown = document.contents;
    for (const step of path) {
      const inner: unknown = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step)?.value
        : isSeq(node)
          ? node.items[Number(step)]
          : null;
      if (!isScalar(inner) && !isMap(inner) && !isSeq(inner)) break;
      node = inner;
    }
    return isScalar(node) || isMap(node) || isSeq(node) ? node : null;
  };
  return {
    value: document.contents === null ? {} : (document.toJS() as unknown),
    placeOf: (path) => at(nodeAt(path)?.range?.[0] ?? 0),
    placeOfKey: (path, name) => {
      const node = nodeAt(path);
      const key = isMap(node)
        ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === name)?.key
        : node;
      return at(isScalar(key) ? (key.range?.[0] ?? 0) : (node?.range?.[0] ?? 0));
    },
  };
}
