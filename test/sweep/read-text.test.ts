import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAX_TEXT_BYTES, readTextFile, readTextStream, type ReadResult } from "../../src/sweep/read-text.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-read-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function read(content: string | Uint8Array): ReadResult {
  const path = join(folder, "Dockerfile");
  writeFileSync(path, content);
  return readTextFile(path);
}

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* parts;
}

function why(result: ReadResult): string {
  return result.ok ? `text of ${result.text.length}` : result.why;
}

describe("a file", () => {
  test("is read as it stands: BOM, CRLF, no last line feed", () => {
    expect(read("\ufeffFROM a\r\nRUN é😀")).toEqual({ ok: true, text: "\ufeffFROM a\r\nRUN é😀" });
  });

  test.each([
    ["empty", new Uint8Array(), "empty"],
    ["with a NUL", "FROM a\0", "binary"],
    ["in Latin-1", Buffer.from("RUN caf\xe9", "latin1"), "not-utf-8"],
    ["cut in the middle of a letter", Buffer.from("RUN é").subarray(0, -1), "not-utf-8"],
    ["with a surrogate in UTF-8", Uint8Array.of(0xed, 0xa0, 0x80), "not-utf-8"],
    ["in UTF-16", Buffer.from("\ufeffFROM a", "utf16le"), "not-utf-8"],
    ["of 4 MiB", Buffer.alloc(MAX_TEXT_BYTES, "#"), `text of ${MAX_TEXT_BYTES}`],
    ["over 4 MiB", Buffer.alloc(MAX_TEXT_BYTES + 1, "#"), "too-large"],
  ])("%s", (_, content, expected) => {
    expect(why(read(content))).toBe(expected);
  });

  test("that is none: missing, a folder, below a file, a link to itself, a name too long", () => {
    symlinkSync("loop", join(folder, "loop"));
    read("FROM a");
    expect(why(readTextFile(join(folder, "nope")))).toBe("missing");
    expect(why(readTextFile(folder))).toBe("unreadable");
    expect(why(readTextFile(join(folder, "Dockerfile/x")))).toBe("missing");
    expect(why(readTextFile(join(folder, "loop")))).toBe("unreadable");
    expect(why(readTextFile(join(folder, "x".repeat(5000))))).toBe("missing");
  });

  test("that a link leads to, and that is not there", () => {
    symlinkSync("nowhere", join(folder, "dangling"));
    expect(readTextFile(join(folder, "dangling"))).toEqual({
      ok: false,
      why: "missing",
      detail: "the link leads to nothing; check where it should lead",
    });
  });

  test.runIf(process.platform !== "win32")("that is a pipe or a device is not waited for", () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(why(readTextFile(join(folder, "pipe")))).toBe("unreadable");
    expect(why(readTextFile("/dev/zero"))).toBe("unreadable");
  });
});

describe("a stream", () => {
  test("is read to its end, letters cut by chunks and all", async () => {
    const bytes = Buffer.from("FROM é");
    const result = await readTextStream(chunks(bytes.subarray(0, 6), bytes.subarray(6), "\n"));
    expect(result).toEqual({ ok: true, text: "FROM é\n" });
  });

  test("that is empty", async () => {
    expect(await readTextStream(chunks())).toEqual({
      ok: false,
      why: "empty",
      detail: "nothing came in; check the command that it should come from",
    });
  });

  test("without end is left when it is too large", async () => {
    let count = 0;
    const endless = (async function* () {
      for (;;) {
        count++;
        yield Buffer.alloc(1024 * 1024, "#");
      }
    })();
    expect(why(await readTextStream(endless))).toBe("too-large");
    expect(count).toBe(5);
  });

  test("that breaks", async () => {
    const broken = (async function* () {
      yield "FROM a";
      throw Object.assign(new Error("secret words"), { code: "EIO" });
    })();
    expect(await readTextStream(broken)).toEqual({
      ok: false,
      why: "unreadable",
      detail: "it could not be read (EIO); check the file system",
    });
  });
});
