/** Unpacks a file with the readers of nested content, and says which of its innermost parts hold a text. */

import { buffered, readAll, type BufferedReader } from "../../src/image/byte-reader.ts";
import { DEFAULT_LIMITS } from "../../src/image/limits.ts";
import { createBudget } from "../../src/image/nested/budget.ts";
import { memoryContent, readerOf, type Content } from "../../src/image/nested/content.ts";
import { HEAD_BYTES, isClosed, kindOf } from "../../src/image/nested/kind.ts";
import { openerOf } from "../../src/image/nested/openers.ts";
import type { MemberName, Visitor } from "../../src/image/nested/visitor.ts";

function refuse(what: string): never {
  throw new Error(`cannot be read: ${what}`);
}

function below(path: readonly string[], name: MemberName): string[] {
  return [...path, typeof name === "string" ? name : name()];
}

async function all(reader: BufferedReader): Promise<Uint8Array> {
  return (await readAll(reader, 1 << 24)) ?? refuse("its size");
}

/** `member > member` of each part that holds the text and is nothing to open; throws where something cannot be read. */
export async function partsWith(bytes: Uint8Array, text: string): Promise<string[]> {
  const parts: string[] = [];
  const budget = createBudget(DEFAULT_LIMITS, () => false);
  const enter = async (path: readonly string[], content: Uint8Array): Promise<void> => {
    const kind = kindOf(content.subarray(0, HEAD_BYTES), content.length);
    if (kind !== null && isClosed(kind)) refuse(kind);
    const opener = kind === null || isClosed(kind) ? null : await openerOf(kind, memoryContent(content));
    if (opener !== null) await opener(memoryContent(content), visitor(path), path.at(-1) ?? "");
    else if (Buffer.from(content).includes(text)) parts.push(path.join(" > "));
  };
  const visitor = (path: readonly string[]): Visitor => ({
    budget,
    limits: DEFAULT_LIMITS,
    report: ({ detail }) => refuse(detail),
    undecoded: refuse,
    text: () => {},
    rename: () => {},
    decoded: async () => {},
    bytes: (name, content) => enter(below(path, name), content),
    piece: (name, content) => enter(below(path, name), content),
    stored: async (name, content: Content) => enter(below(path, name), await all(readerOf(content))),
    stream: async (name, reader) => enter(below(path, name), await all(buffered(reader))),
  });
  await enter([], bytes);
  return parts;
}
