/**
 * Pages of an SQLite database: their cells, and the columns of a record. Looks at one page at a time and follows no
 * pointer. Format: sqlite.org/fileformat2.html, sections 1.3, 1.6 and 2.1.
 */

/** What the first page says of all. */
export interface DatabaseHeader {
  readonly pageBytes: number;
  /** Bytes of a page that hold content; the rest is reserved. */
  readonly usableBytes: number;
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be";
}

/** Kinds of pages in a tree, by their first byte. */
export const PAGE = { indexInterior: 2, tableInterior: 5, indexLeaf: 10, tableLeaf: 13 } as const;

/** A cell with content. Offsets are in the page. */
export interface Cell {
  /** Number of the row; null in an index. */
  readonly row: number | null;
  /** Bytes of the payload as a whole. */
  readonly payloadBytes: number;
  readonly localFrom: number;
  readonly localTo: number;
  /** The page on which the payload goes on; 0 when it is all here. */
  readonly overflow: number;
}

/** A column of a record, as offsets in the payload. */
export interface Column {
  readonly number: number;
  readonly isText: boolean;
  readonly from: number;
  readonly to: number;
}

/** Bytes of the header, which stands on the first page. */
export const DATABASE_HEADER_BYTES = 100;

/** The header of a database; null when it makes no sense. */
export function databaseHeader(bytes: Uint8Array): DatabaseHeader | null {
  if (bytes.length < DATABASE_HEADER_BYTES) return null;
  const data = Buffer.from(bytes);
  const stated = data.readUInt16BE(16);
  const pageBytes = stated === 1 ? 65_536 : stated;
  const usableBytes = pageBytes - data.readUInt8(20);
  if (pageBytes < 512 || (pageBytes & (pageBytes - 1)) !== 0 || usableBytes < 480) return null;
  const encoding = (["utf-8", "utf-16le", "utf-16be"] as const)[data.readUInt32BE(56) - 1] ?? "utf-8";
  return { pageBytes, usableBytes, encoding };
}

/** A number of up to 9 bytes, highest first, and where the next thing stands. Beyond 2^53 it is not exact. */
function varint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value: value * 256 + (bytes[at + 8] ?? 0), next: at + 9 };
}

/** How much of a payload stands in its cell. */
function localBytes(payload: number, usable: number, isTable: boolean): number {
  const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (payload <= most) return payload;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = least + ((payload - least) % (usable - 4));
  return wanted <= most ? wanted : least;
}

/** Where the pointers to a page's cells begin, and how many there are; null for a page that is in no tree. */
function cellPointers(page: Uint8Array, isFirst: boolean): { type: number; from: number; count: number } | null {
  const start = isFirst ? DATABASE_HEADER_BYTES : 0;
  const type = page[start] ?? 0;
  const isInterior = type === PAGE.indexInterior || type === PAGE.tableInterior;
  if (!isInterior && type !== PAGE.indexLeaf && type !== PAGE.tableLeaf) return null;
  const count = (page[start + 3] ?? 0) * 256 + (page[start + 4] ?? 0);
  const from = start + (isInterior ? 12 : 8);
  return from + count * 2 > page.length ? null : { type, from, count };
}

/** Every cell with content of a page, whatever page it is; none for a page that is in no tree. */
export function* cellsOf(page: Uint8Array, isFirst: boolean, { usableBytes }: DatabaseHeader): Generator<Cell> {
  const pointers = cellPointers(page, isFirst);
  if (pointers === null || pointers.type === PAGE.tableInterior) return;
  const isTable = pointers.type === PAGE.tableLeaf;
  for (let i = 0; i < pointers.count; i++) {
    const pointer = pointers.from + i * 2;
    const at = (page[pointer] ?? 0) * 256 + (page[pointer + 1] ?? 0);
    const payload = varint(page, at + (pointers.type === PAGE.indexInterior ? 4 : 0));
    const row = isTable ? varint(page, payload.next) : null;
    const localFrom = row?.next ?? payload.next;
    const local = localBytes(payload.value, usableBytes, isTable);
    const localTo = localFrom + local;
    if (at < pointers.from || localTo > page.length) continue;
    const isWhole = local === payload.value;
    const overflow = isWhole ? 0 : new DataView(page.buffer, page.byteOffset).getUint32(localTo, false);
    yield { row: row?.value ?? null, payloadBytes: payload.value, localFrom, localTo, overflow };
  }
}

/** The pages below an interior page of a table; none for any other page. */
export function childrenOf(page: Uint8Array, isFirst: boolean): number[] {
  const pointers = cellPointers(page, isFirst);
  if (pointers === null || pointers.type === PAGE.tableLeaf || pointers.type === PAGE.indexLeaf) return [];
  const data = new DataView(page.buffer, page.byteOffset, page.length);
  const children = [data.getUint32(pointers.from - 4, false)];
  for (let i = 0; i < pointers.count; i++) {
    const at = data.getUint16(pointers.from + i * 2, false);
    if (at + 4 <= page.length) children.push(data.getUint32(at, false));
  }
  return children;
}

/** The text and blob columns of a record; stops where the record is damaged. */
export function* columnsOf(record: Uint8Array): Generator<Column> {
  const header = varint(record, 0);
  let at = header.next;
  let from = header.value;
  for (let number = 1; at < header.value && at < record.length; number++) {
    const serial = varint(record, at);
    at = serial.next;
    const type = serial.value;
    const size = type >= 12 ? Math.floor((type - 12) / 2) : ([0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type] ?? 0);
    if (from + size > record.length) return;
    if (type >= 12) yield { number, isText: type % 2 === 1, from, to: from + size };
    from += size;
  }
}
