/** Writes small databases of SQLite, so that tests need no engine. Format: sqlite.org/fileformat2.html. */

const PAGE = 4096;

/** A text's column in a record: serial type 13 and more, as a varint of up to two bytes. */
function varint(value: number): Buffer {
  return value < 0x80 ? Buffer.from([value]) : Buffer.from([0x80 | (value >> 7), value & 0x7f]);
}

/** A row of a table's leaf: its length, its number, and a record of texts. */
function cell(rowid: number, columns: readonly Buffer[]): Buffer {
  const types = Buffer.concat(columns.map((column) => varint(13 + column.length * 2)));
  const record = Buffer.concat([varint(types.length + 1), types, ...columns]);
  return Buffer.concat([varint(record.length), varint(rowid), record]);
}

/** A leaf of a table, with `skipped` bytes before its own header. */
function leaf(cells: readonly Buffer[], skipped: number): Buffer {
  const page = Buffer.alloc(PAGE);
  let end = PAGE;
  for (const [i, one] of cells.entries()) {
    end -= one.length;
    one.copy(page, end);
    page.writeUInt16BE(end, skipped + 8 + i * 2);
  }
  page.writeUInt8(0x0d, skipped);
  page.writeUInt16BE(cells.length, skipped + 3);
  page.writeUInt16BE(end, skipped + 5);
  return page;
}

/** A database with the table `t(a, b)` and one row of it for each pair; all must fit in one page. */
export function sqlite(rows: readonly (readonly [Buffer, Buffer])[]): Buffer {
  const schema = ["table", "t", "t"].map((text) => Buffer.from(text));
  const types = Buffer.concat([...schema.map((text) => varint(13 + text.length * 2)), Buffer.from([1, 13 + 50])]);
  const sql = Buffer.from("CREATE TABLE t (a, b)    ");
  const record = Buffer.concat([varint(types.length + 1), types, ...schema, Buffer.from([2]), sql]);
  const first = leaf([Buffer.concat([varint(record.length), varint(1), record])], 100);
  first.write("SQLite format 3\0", 0, "latin1");
  first.writeUInt16BE(PAGE, 16);
  Buffer.from([1, 1, 0, 64, 32, 32]).copy(first, 18);
  for (const [at, value] of [
    [24, 1],
    [28, 2],
    [40, 1],
    [44, 4],
    [56, 1],
    [92, 1],
  ] as const)
    first.writeUInt32BE(value, at);
  return Buffer.concat([
    first,
    leaf(
      rows.map((row, i) => cell(i + 1, row)),
      0,
    ),
  ]);
}
