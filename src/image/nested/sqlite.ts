/**
 * SQLite databases: every text and blob column by itself, since nothing stands between two of them in the file, and
 * long ones put together from their pages. Goes over all pages in order, those that are in use or not.
 */

import { setImmediate } from "node:timers/promises";
import { viewer, type Content } from "./content.ts";
import {
  cellsOf,
  columnsOf,
  DATABASE_HEADER_BYTES,
  databaseHeader,
  type Cell,
  type DatabaseHeader,
} from "./sqlite-page.ts";
import { tablesOf } from "./sqlite-tables.ts";
import type { ArchiveReader, Visitor } from "./visitor.ts";

/** Fewer bytes than these hold neither a token nor anything packed that does. */
const MIN_COLUMN_BYTES = 24;
/** Records of more bytes are a gap; SQLite itself allows none above 1 GB unless it is built so. */
const MAX_RECORD_BYTES = 256 * 1_048_576;

/** Where a column is, to name it once something is found in it. */
interface ColumnPlace {
  readonly page: number;
  readonly row: number | null;
  readonly column: number;
}

function provisional({ page, row, column }: ColumnPlace): string {
  return `page ${page}${row === null ? "" : ` row ${row}`} column ${column}`;
}

/** A payload that goes on on other pages; null when these are not there. */
function assembled(
  local: Uint8Array,
  cell: Cell,
  { pageBytes, usableBytes }: DatabaseHeader,
  view: (offset: number, length: number) => Uint8Array,
): Uint8Array | null {
  const record = new Uint8Array(cell.payloadBytes);
  record.set(local);
  let to = local.length;
  for (let page = cell.overflow; to < record.length;) {
    const bytes = page === 0 ? new Uint8Array() : view((page - 1) * pageBytes, usableBytes);
    if (bytes.length < 5) return null;
    page = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, false);
    const part = bytes.subarray(4, 4 + record.length - to);
    record.set(part, to);
    to += part.length;
  }
  return record;
}

/** The record of a cell, put together; null when that is not possible. */
function recordOf(
  page: Uint8Array,
  cell: Cell,
  header: DatabaseHeader,
  content: Content,
  view: (offset: number, length: number) => Uint8Array,
  visitor: Visitor,
): Uint8Array | null {
  const local = page.subarray(cell.localFrom, cell.localTo);
  if (local.length === cell.payloadBytes) return local;
  // More than the file holds, or a pointer to nowhere: an old page that is not in use any more.
  if (cell.payloadBytes > content.size) return null;
  if (cell.payloadBytes > MAX_RECORD_BYTES) {
    const detail = `a record of a database is larger than ${MAX_RECORD_BYTES} bytes; its pages were searched one by one`;
    visitor.report({ why: "limit", detail });
    return null;
  }
  visitor.budget.spend(cell.payloadBytes);
  return assembled(local, cell, header, view);
}

/** Reads a database. */
export const readSqlite: ArchiveReader = async (content, visitor) => {
  const view = viewer(content);
  const header = databaseHeader(view(0, DATABASE_HEADER_BYTES));
  if (header === null) {
    visitor.undecoded("sqlite-damaged");
    return;
  }
  const decoder = header.encoding === "utf-8" ? null : new TextDecoder(header.encoding);
  const overflowView = viewer(content);
  const found = new Map<string, ColumnPlace>();
  const pages = Math.floor(content.size / header.pageBytes);
  for (let number = 1; number <= pages; number++) {
    const page = view((number - 1) * header.pageBytes, header.pageBytes);
    for (const cell of cellsOf(page, number === 1, header)) {
      const record = recordOf(page, cell, header, content, overflowView, visitor);
      if (record === null) continue;
      for (const { number: column, isText, from, to } of columnsOf(record)) {
        if (to - from < MIN_COLUMN_BYTES) continue;
        const bytes = record.subarray(from, to);
        const name = (): string => {
          const place = { page: number, row: cell.row, column };
          found.set(provisional(place), place);
          return provisional(place);
        };
        const text = isText && decoder !== null ? Buffer.from(decoder.decode(bytes)) : bytes;
        const pending = visitor.piece(name, text);
        if (pending !== null) await pending;
      }
    }
    if (visitor.budget.isPauseDue()) await setImmediate();
  }
  if (found.size === 0) return;
  const tables = tablesOf(content, header);
  visitor.rename(
    new Map(
      [...found].map(([key, { page, row, column }]) => {
        const table = tables.get(page);
        if (table === undefined) return [key, { name: [key], place: `unused ${column}` }];
        const name = `${table}${row === null ? "" : ` row ${row}`} column ${column}`;
        return [key, { name: [name], place: `${table} ${column}` }];
      }),
    ),
  );
};
