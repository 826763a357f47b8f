/** Which table or index each page of an SQLite database belongs to: the schema, and a walk down its trees. */

import { viewer, type Content } from "./content.ts";
import { cellsOf, childrenOf, columnsOf, type DatabaseHeader } from "./sqlite-page.ts";

/** Pages that are looked at; larger databases keep page numbers for names. */
const MAX_PAGES = 1_000_000;

/** A whole number of up to 8 bytes, as records have it. */
function integer(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** Name and root page of each row of the schema that stands on these pages. */
function rootsOn(page: Uint8Array, isFirst: boolean, header: DatabaseHeader): { name: string; root: number }[] {
  const decoder = new TextDecoder(header.encoding);
  return [...cellsOf(page, isFirst, header)].flatMap(({ localFrom, localTo }) => {
    const record = page.subarray(localFrom, localTo);
    const texts = [...columnsOf(record)];
    const name = texts.find(({ number }) => number === 2);
    const table = texts.find(({ number }) => number === 3);
    const sql = texts.find(({ number }) => number === 5);
    if (name === undefined || table === undefined) return [];
    // The root page is an integer right behind the table's name; the statement follows it.
    const root = integer(record.subarray(table.to, Math.min(sql?.from ?? record.length, table.to + 4)));
    return [{ name: decoder.decode(record.subarray(name.from, name.to)), root }];
  });
}

/** The name of the table or index of each page that is in a tree. */
export function tablesOf(content: Content, header: DatabaseHeader): Map<number, string> {
  const view = viewer(content);
  const names = new Map<number, string>();
  const pageAt = (number: number): Uint8Array => view((number - 1) * header.pageBytes, header.pageBytes);
  const pages = Math.floor(content.size / header.pageBytes);
  const walk = (root: number, name: string): number[] => {
    const seen: number[] = [];
    const queue = [root];
    for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
      if (number < 1 || number > pages || names.has(number) || names.size >= MAX_PAGES) continue;
      names.set(number, name);
      seen.push(number);
      queue.push(...childrenOf(pageAt(number), number === 1));
    }
    return seen;
  };
  const roots = walk(1, "sqlite_schema").flatMap((number) => rootsOn(pageAt(number).slice(), number === 1, header));
  for (const { name, root } of roots) walk(root, name);
  return names;
}
