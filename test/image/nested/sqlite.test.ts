/** Tokens in SQLite databases: where nothing stands between columns, on several pages, in other encodings, in freed rows. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { removeFolders, temporaryFolder } from "../../support/images.ts";
import { inspectFiles, type Seen } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { isMissing, python } from "../../support/writers.ts";

afterAll(removeFolders);

const token = fakeToken();
const digits = fakeToken("digits");

/** A database that statements made; `?` in them stands for the arguments, in order. */
async function database(program: string, ...args: string[]): Promise<Buffer> {
  const folder = await temporaryFolder();
  python(
    `import sqlite3, sys\nt = sys.argv[1:]\ndb = sqlite3.connect("db")\n${program}\ndb.commit()\ndb.close()`,
    args,
    folder,
  );
  return readFileSync(join(folder, "db"));
}

async function seenIn(program: string, ...args: string[]): Promise<Seen> {
  return inspectFiles({ db: await database(program, ...args) });
}

describe.skipIf(isMissing("python3"))("sqlite", () => {
  test("adjacent columns with nothing between them", async () => {
    const seen = await seenIn(
      `db.execute("create table keys (a text, b text, c text)")
db.execute("insert into keys values (?, ?, ?)", ("user", t[0], "next"))
db.execute("insert into keys values (?, ?, ?)", ("user", t[1], "next"))`,
      token,
      digits,
    );
    expect(seen.found).toHaveLength(2);
    expect(seen.found[0]).toMatch(/^\/db > keys row 1 column 2: 1$/);
    expect(seen.found[1]).toMatch(/^\/db > keys row 2 column 2: /);
    expect({ ...seen, found: [] }).toEqual({ found: [], gaps: [], undecoded: {} });
  });

  test("a long text on several pages, the token across two of them", async () => {
    const program = `db.execute("create table notes (id integer primary key, body text)")
for n in range(3900, 4100):
    db.execute("insert into notes (body) values (?)", ("x" * n + " " + t[0] + " " + "y" * 9000,))`;
    const seen = await seenIn(program, token);
    expect(seen.found).toEqual(["/db > notes row 1 column 2: 1"]);
  });

  test.each(["UTF-16le", "UTF-16be"])("%s", async (encoding) => {
    const seen = await seenIn(
      `db.execute("pragma encoding='${encoding}'")
db.execute("create table k (a text, b text)")
db.execute("insert into k values (?, ?)", (t[0], "next"))`,
      token,
    );
    expect(seen.found).toEqual(["/db > k row 1 column 1: 1"]);
  });

  test("an index, a row of a table without row ids, a deleted row", async () => {
    const [one, two, three] = [1, 2, 3].map((number) => fakeToken("user", number)) as [string, string, string];
    const seen = await seenIn(
      `db.execute("pragma secure_delete=off")
db.execute("create table w (a text primary key, b text) without rowid")
db.execute("insert into w values (?, 'next')", (t[0],))
db.execute("create table d (a text, b text)")
db.execute("insert into d values (?, 'next')", (t[1],))
db.execute("insert into d values (?, '')", (t[2],))
db.commit()
db.execute("delete from d where b = ''")`,
      one,
      two,
      three,
    );
    expect(seen.found).toEqual(["/db > d row 1 column 1: 2", "/db > w column 1: 1", "/db: 3"]);
  });

  test("something packed in a blob, many rows, the same token in all of them", async () => {
    const seen = await seenIn(
      `import zlib
db.execute("create table blobs (id integer primary key, data blob)")
for n in range(2000):
    db.execute("insert into blobs (data) values (?)", (zlib.compress(("%d " % n + t[0]).encode()),))`,
      token,
    );
    expect(seen.found).toEqual([expect.stringMatching(/^\/db > blobs row \d+ column 2 > .*\(unpacked\): 1$/)]);
  });

  test("a log of what is not in the database yet", async () => {
    const folder = await temporaryFolder();
    python(
      `import sqlite3, sys, shutil
db = sqlite3.connect("db")
db.execute("pragma journal_mode=wal")
db.execute("create table k (a text, b text)")
db.commit()
for n in range(3):
    db.execute("insert into k values (?, 'next')", (sys.argv[1],))
    db.commit()
shutil.copy("db-wal", "copy-wal")`,
      [token],
      folder,
    );
    const seen = await inspectFiles({ "db-wal": readFileSync(join(folder, "copy-wal")) });
    expect(seen).toEqual({
      found: [expect.stringMatching(/^\/db-wal > log page \d+ row \d column 1: 1$/)],
      gaps: [],
      undecoded: {},
    });
  });

  test("a damaged database is searched as far as it goes", async () => {
    const bytes = await database(
      `db.execute("create table k (a text, b text)")
db.execute("insert into k values (?, ?)", (t[0], "next"))`,
      token,
    );
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 100, 200);
    expect((await inspectFiles({ damaged })).found).toEqual([expect.stringMatching(/^\/damaged > page 2 row 1/)]);
    damaged.fill(0, 16, 20);
    expect((await inspectFiles({ damaged })).undecoded).toEqual({ "sqlite-damaged": 1 });
  });
});
