import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitCommand } from "../../src/dockerfile/command.ts";
import { toSource, toSourceSpan, type MappedText } from "../../src/dockerfile/mapped-text.ts";
import { positionAt, sourceText } from "../../src/dockerfile/source-text.ts";
import { split, type SplitDockerfile } from "../../src/dockerfile/split.ts";
import { readAsGolden } from "./golden/compare.ts";
import { goldenFiles, type GoldenInstruction } from "./golden/corpus.ts";

const FILES = goldenFiles();

/** BuildKit turns what is not ASCII in a flag into other characters, byte by byte; we keep it readable. */
function withAsciiFlags(instruction: GoldenInstruction): GoldenInstruction {
  return {
    ...instruction,
    flags: instruction.flags.map((flag) => flag.replaceAll(/[^\x00-\x7f]/g, "")),
    ...(instruction.trigger === undefined ? {} : { trigger: withAsciiFlags(instruction.trigger) }),
  };
}

/** The offsets of `mapped` whose character is another one in the source: none, if the map is right. */
function wronglyMapped(mapped: MappedText, source: string): number[] {
  const wrong: number[] = [];
  let before = -1;
  for (let i = 0; i < mapped.text.length; i++) {
    const at = toSource(mapped, i);
    if (source.charAt(at) !== mapped.text.charAt(i) || at <= before) wrong.push(i);
    before = at;
  }
  const last = mapped.text.length;
  if (last > 0 && toSource(mapped, last) !== before + 1) wrong.push(last);
  return wrong;
}

function expectMapped(source: string, { lines }: SplitDockerfile): void {
  for (const line of lines) {
    expect(wronglyMapped(line, source)).toEqual([]);
    for (const heredoc of line.heredocs) expect(wronglyMapped(heredoc, source)).toEqual([]);
  }
}

/** Lines and free comments follow each other, and nothing but blanks lies between them. */
function expectCovered(source: string, { lines, comments }: SplitDockerfile): void {
  const free = comments.filter(({ start }) => !lines.some((line) => start >= line.start && start < line.end));
  const parts = [...lines, ...free].sort((a, b) => a.start - b.start);
  let at = 0;
  for (const { start, end } of parts) {
    expect(start).toBeGreaterThanOrEqual(at);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(source.slice(at, start)).toMatch(/^[\s\u0085]*$/);
    at = end;
  }
  expect(source.slice(at)).toMatch(/^[\s\u0085]*$/);
}

describe("parity with BuildKit's parser", () => {
  test("the corpus is there", () => {
    expect(FILES.length).toBeGreaterThanOrEqual(240);
  });

  test.each(FILES.filter(({ golden }) => golden.error === undefined))("$name", ({ text, golden }) => {
    const ours = readAsGolden(text);
    expect(ours.escape).toBe(golden.escape);
    expect(ours.instructions.map(withAsciiFlags)).toEqual(golden.instructions?.map(withAsciiFlags));
  });

  test.each(FILES.filter(({ golden }) => golden.error !== undefined))("$name is refused: $golden.error", ({ text }) => {
    expect(readAsGolden(text).problems).not.toEqual([]);
  });

  const ACCEPTED = FILES.filter(({ golden }) => golden.error === undefined && golden.refused === undefined);
  test.each(ACCEPTED)("$name is accepted", ({ text }) => {
    expect(readAsGolden(text).problems).toEqual([]);
  });

  test.each(FILES)("$name: every character maps back, and nothing is left out", ({ text }) => {
    const result = split(text);
    expectMapped(text, result);
    expectCovered(text, result);
    const source = sourceText(text);
    for (const line of result.lines) {
      expect(positionAt(source, line.start).line).toBe(line.startLine);
      expect(positionAt(source, line.end).line).toBe(line.endLine);
    }
  });
});

describe("what a line is", () => {
  test("joined text, segments and lines of an instruction with comments and blank lines inside", () => {
    const text = "FROM a\r\nRUN x \\ \r\n  # why \\\r\n\r\n  y\r\n# after\r\n";
    const { lines, comments } = split(text);
    expect(lines[1]).toEqual({
      text: "RUN x   y",
      segments: [
        { at: 0, src: 8, length: 6, srcLength: 6 },
        { at: 6, src: 31, length: 3, srcLength: 3 },
      ],
      start: 8,
      end: 34,
      startLine: 2,
      endLine: 5,
      heredocs: [],
    });
    expect(comments.map(({ start, end, line }) => [text.slice(start, end), line])).toEqual([
      ["# why \\", 3],
      ["# after", 6],
    ]);
  });

  test("a span over a continuation starts and ends at its own characters", () => {
    const text = "RUN ab\\\n# x\ncd";
    const [line] = split(text).lines;
    expect(line && toSourceSpan(line, 4, 6)).toEqual({ start: 4, end: 6 });
    expect(line && toSourceSpan(line, 5, 7)).toEqual({ start: 5, end: 13 });
    expect(line && toSourceSpan(line, 6, 6)).toEqual({ start: 12, end: 12 });
    expect(line && toSource(line, 8)).toBe(14);
  });

  test("heredoc bodies are kept apart, with tabs dropped and mapped", () => {
    const text = "ONBUILD COPY <<-A 3<<'B' /x\n\t\tone\n\tA\n\ttwo\nB\nENV X=1\n";
    const { lines, problems } = split(text);
    expect(problems).toEqual([]);
    expect(lines.map((line) => line.text)).toEqual(["ONBUILD COPY <<-A 3<<'B' /x", "ENV X=1"]);
    expect(lines[0]?.heredocs).toEqual([
      {
        name: "A",
        expand: true,
        stripTabs: true,
        fd: null,
        text: "one\n",
        segments: [{ at: 0, src: 30, length: 4, srcLength: 4 }],
        start: 28,
        end: 34,
        isTerminated: true,
      },
      {
        name: "B",
        expand: false,
        stripTabs: false,
        fd: 3,
        text: "\ttwo\n",
        segments: [{ at: 0, src: 37, length: 5, srcLength: 5 }],
        start: 37,
        end: 42,
        isTerminated: true,
      },
    ]);
    expect(text.slice(0, lines[0]?.end)).toMatch(/\nB$/);
  });

  test("an empty heredoc has a place", () => {
    const [line] = split("RUN <<E\nE\n").lines;
    expect(line?.heredocs[0]?.segments).toEqual([{ at: 0, src: 8, length: 0, srcLength: 0 }]);
  });

  test("directives are listed, and are comments too", () => {
    const text = "\u{feff}# syntax=docker/dockerfile:1\n#escape=`\n# note=1\n# check=skip=all\nFROM a `\n b\n";
    const { directives, comments, escape, lines } = split(text);
    expect(directives.map(({ name, value, line }) => [name, value, line])).toEqual([
      ["syntax", "docker/dockerfile:1", 1],
      ["escape", "`", 2],
    ]);
    expect(text.slice(directives[0]?.start, directives[0]?.end)).toBe("# syntax=docker/dockerfile:1");
    expect(comments).toHaveLength(4);
    expect(escape).toBe("`");
    expect(lines[0]?.text).toBe("FROM a  b");
  });

  test("a comment in a heredoc is content", () => {
    expect(split("RUN <<E\n# no\nE\n# yes\n").comments).toEqual([{ start: 15, end: 20, line: 4 }]);
  });
});

const problemsOf = (text: string): [number, string][] =>
  split(text).problems.map(({ offset, message }) => [offset, message]);

describe("what BuildKit refuses", () => {
  test.each([
    ["no instruction", "# only\n", 0, "no instruction in the file"],
    ["a heredoc that is never closed", "FROM a\nRUN <<EOF\nx\n", 7, "no line closes the heredoc EOF"],
    ["a shift taken for a heredoc", "FROM a\nRUN echo $(( 1 << 2 ))\n", 7, "no line closes the heredoc 2"],
    [
      "an escape directive of another character",
      "# escape=x\nFROM a\n",
      0,
      "an escape directive that is neither \\ nor `",
    ],
    ["a directive given twice", "# syntax=a\n# syntax=b\nFROM a\n", 11, "a second syntax directive"],
    [
      "a delimiter that cannot be read",
      'FROM a\nRUN ${A:-"b <<c"}\n',
      7,
      "the delimiter of a heredoc cannot be read: unclosed double quote",
    ],
    ["a line too long for its scanner", `FROM a\nRUN ${"x".repeat(65_532)}\n`, 7, "a line of 65536 bytes or more"],
    ["the same in bytes", `FROM a\nRUN ${"é".repeat(32_766)}\n`, 7, "a line of 65536 bytes or more"],
  ])("%s", (_, text, offset, message) => {
    expect(problemsOf(text)).toEqual([[offset, message]]);
  });

  test("a line one byte shorter is read", () => {
    expect(problemsOf(`FROM a\nRUN ${"x".repeat(65_531)}\n`)).toEqual([]);
  });

  test("an unclosed heredoc takes the rest of the file, and later ones nothing", () => {
    const { lines } = split("RUN <<A <<B\nENV X=1\n");
    expect(lines).toHaveLength(1);
    expect(lines[0]?.heredocs).toMatchObject([{ name: "A", text: "ENV X=1\n", isTerminated: false }]);
  });

  test("variables nested beyond reason make a problem where they could hide a heredoc", () => {
    const text = `RUN echo ${"${a:-".repeat(500)}${"}".repeat(500)} <<EOF\nENV A=1\nEOF\n`;
    expect(problemsOf(text)).toEqual([[0, "variables nest too deeply"]]);
  });
});

const partsOf = (text: string): unknown[] => {
  const { keyword, flags, rest } = splitCommand(text, 0, "\\");
  return [
    keyword,
    flags.map((flag) => [flag.text, text.slice(flag.start, flag.end)]),
    text.slice(rest.start, rest.end),
  ];
};

describe("keyword, flags and rest", () => {
  test.each<[string, unknown[]]>([
    ["  RUN  ls  -l ", ["RUN", [], "ls  -l"]],
    ["RUN", ["RUN", [], ""]],
    ["", ["", [], ""]],
    [
      'RUN --mount="type=secret,id=a b" ls',
      ["RUN", [["--mount=type=secret,id=a b", '--mount="type=secret,id=a b"']], "ls"],
    ],
    [
      "COPY --a\\ b --c d --e",
      [
        "COPY",
        [
          ["--a b", "--a\\ b"],
          ["--c", "--c"],
        ],
        "d --e",
      ],
    ],
    ["RUN --a -- --b c", ["RUN", [["--a", "--a"]], "--b c"]],
    ["RUN --\u{a0}x", ["RUN", [["--\u{fffd}", "--"]], "x"]],
  ])("%j", (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  test("a flag without its quotes still knows where its characters stand", () => {
    const text = 'RUN --mount="id=a\\"b" x';
    const [flag] = splitCommand(text, 0, "\\").flags;
    expect(flag?.text).toBe('--mount=id=a"b');
    expect(flag && toSource(flag, flag.text.indexOf("b"))).toBe(text.indexOf("b"));
    expect(flag && toSourceSpan(flag, 12, 13)).toEqual({ start: 17, end: 19 });
  });
});

const FRAGMENTS = [
  ..."\\ \n \r \t # ` \" ' < > $ { } [ ] = - a \u{a0} \u{feff} é \u{1f600}".split(" "),
  ..." |\\\n|\\ \n|# c\n|# escape=`\n|<<EOF|<<-EOF|EOF\n|\tEOF\n|3<<'E'|E\n|${A:-b}|${|RUN |COPY |ENV A=1|ONBUILD |[\"a\"]|--x=".split(
    "|",
  ),
];

describe("any text", () => {
  const anyText = fc.oneof(
    fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 40 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary", maxLength: 60 }),
  );

  test("is split without a throw, maps back, and is covered", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const result = split(text);
        expectMapped(text, result);
        expectCovered(text.startsWith("\u{feff}") ? ` ${text.slice(1)}` : text, result);
        for (const { offset } of result.problems) expect(offset).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 1000 },
    );
  });

  test("of hostile size is read to its end", () => {
    expect(split(`RUN ${"a".repeat(1_000_000)}`).lines[0]?.text).toHaveLength(1_000_004);
    expect(split(`RUN a \\\n${"b \\\n".repeat(100_000)}c`).lines[0]?.endLine).toBe(100_002);
    expect(split(`RUN <<-E\n${"\tx \\\n".repeat(10_000)}E\n`).lines[0]?.heredocs[0]?.segments).toHaveLength(10_000);
    expect(split("RUN <<E\nE\n".repeat(10_000)).lines).toHaveLength(10_000);
    expect(split("RUN <<E\n".repeat(10_000)).lines).toHaveLength(1);
    expect(split(`RUN ${"<<E ".repeat(16_000)}\n`).problems).toHaveLength(1);
    expect(split(`${"ONBUILD ".repeat(8000)}RUN <<E\n`).lines[0]?.heredocs).toEqual([]);
    expect(split(`RUN ["a",${'"b",'.repeat(16_000)}] <<E\nE\n`).lines[0]?.heredocs).toHaveLength(1);
  });
});
