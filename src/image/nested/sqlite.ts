/**
 * SQLite databases: every text and blob column by itself, since nothing stands between two of them in the file, and
 * long ones put together from their pages. Goes over all pages in order, those that are in use or not.
 */

import { setImmediate } from "node:timers/promises";
import { memoryContent, viewer, type Content, type View } from "./content.ts";
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
  view: View,
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
  view: View,
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

/** Searches the columns of the records on pages, one page after the other; tells each column that something is in. */
async function searchPages(
  pages: Iterable<{ readonly number: number; readonly page: Uint8Array }>,
  header: DatabaseHeader,
  content: Content,
  visitor: Visitor,
  prefix: string,
): Promise<ReadonlyMap<string, ColumnPlace>> {
  const decoder = header.encoding === "utf-8" ? null : new TextDecoder(header.encoding);
  const view = viewer(content);
  const found = new Map<string, ColumnPlace>();
  for (const { number, page } of pages) {
    for (const cell of cellsOf(page, number === 1, header)) {
      const record = recordOf(page, cell, header, content, view, visitor);
      if (record === null) continue;
      for (const { number: column, isText, from, to } of columnsOf(record)) {
        if (to - from < MIN_COLUMN_BYTES) continue;
        const bytes = record.subarray(from, to);
        const name = (): string => {
          const place = { page: number, row: cell.row, column };
          const called = `${prefix}${provisional(place)}`;
          found.set(called, place);
          return called;
        };
        const text = isText && decoder !== null ? Buffer.from(decoder.decode(bytes)) : bytes;
        const pending = visitor.piece(name, text);
        if (pending !== null) await pending;
      }
    }
    if (visitor.budget.isPauseDue()) await setImmediate();
  }
  return found;
}

function* pagesOf(content: Content, { pageBytes }: DatabaseHeader): Generator<{ number: number; page: Uint8Array }> {
  const view = viewer(content);
  for (let number = 1; number * pageBytes <= content.size; number++) {
    yield { number, page: view((number - 1) * pageBytes, pageBytes) };
  }
}

/** Reads a database. */
export const readSqlite: ArchiveReader = async (content, visitor) => {
  const header = databaseHeader(viewer(content)(0, DATABASE_HEADER_BYTES));
  if (header === null) {
    visitor.undecoded("sqlite-damaged");
    return;
  }
  const found = await searchPages(pagesOf(content, header), header, content, visitor, "");
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

const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

function* framesOf(content: Content, pageBytes: number): Generator<{ number: number; page: Uint8Array }> {
  const view = viewer(content);
  const step = FRAME_HEADER_BYTES + pageBytes;
  for (let at = LOG_HEADER_BYTES; at + step <= content.size; at += step) {
    const frame = view(at, step);
    const number = new DataView(frame.buffer, frame.byteOffset).getUint32(0, false);
    yield { number, page: frame.subarray(FRAME_HEADER_BYTES) };
  }
}

/** Reads the write-ahead log of a database, which holds pages that the database does not have yet (section 4.1). */
export const readSqliteLog: ArchiveReader = async (content, visitor) => {
  const head = Buffer.from(viewer(content)(0, LOG_HEADER_BYTES));
  const pageBytes = head.length < LOG_HEADER_BYTES ? 0 : head.readUInt32BE(8);
  if (pageBytes < 512 || pageBytes > 65_536) {
    visitor.undecoded("sqlite-damaged");
    return;
  }
  // What the database's own header says is not known here; bytes of any encoding are searched as they are.
  const header: DatabaseHeader = { pageBytes, usableBytes: pageBytes, encoding: "utf-8" };
  // Overflow pages are numbered as in the database, so there is nothing to follow.
  const found = await searchPages(
    framesOf(content, pageBytes),
    header,
    memoryContent(new Uint8Array()),
    visitor,
    "log ",
  );
  visitor.rename(
    new Map([...found].map(([key, { page, column }]) => [key, { name: [key], place: `${page} ${column}` }])),
  );
};
