import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandWord, expansionOf } from "../../src/dockerfile/expand.ts";
import { toSource } from "../../src/dockerfile/mapped-text.ts";
import { variablesOf } from "../../src/dockerfile/word-variables.ts";
import { parseHeredocBody, parseWord, type Piece } from "../../src/dockerfile/word.ts";
import { parseArguments, parseNameValues, splitWords, type NameValues } from "../../src/dockerfile/words.ts";
import { goldenWords, type GoldenWord } from "./golden/corpus.ts";

const { env, words: WORDS } = goldenWords();

/** What a word expands to, or the problem that keeps it from that, in the form of the golden file. */
function expand({ word, escape, quotes }: GoldenWord): string | null {
  const { pieces, problem } = quotes ? parseWord(word, 0, word.length, escape) : parseHeredocBody(word);
  const expansion = expansionOf(pieces, (name) => env[name]);
  return problem === null && expansion.problem === null ? expansion.text : null;
}

describe("parity with BuildKit's shell lexer", () => {
  test("the words are there, right ones and wrong ones", () => {
    expect(WORDS.length).toBeGreaterThan(2000);
    expect(WORDS.filter(({ result }) => result === null).length).toBeGreaterThan(300);
  });

  test.each(["\\", "`"])("every word, with %s as escape", (escape) => {
    const chosen = WORDS.filter((word) => word.escape === escape && word.quotes);
    expect(chosen.map((word) => [word.word, expand(word)])).toEqual(chosen.map(({ word, result }) => [word, result]));
  });

  test("every word as the body of a heredoc", () => {
    const chosen = WORDS.filter(({ quotes }) => !quotes);
    expect(chosen.map((word) => [word.word, expand(word)])).toEqual(chosen.map(({ word, result }) => [word, result]));
  });
});

/** A piece in a few words: quote and text, or name, operator and inner words. */
function shown(piece: Piece): unknown {
  if (piece.kind === "text") return `${piece.quote}${piece.text}`;
  const inner = [piece.word, piece.replacement].map((pieces) => pieces.map(shown));
  return [piece.name, piece.operator, ...inner];
}

const piecesOf = (word: string): unknown[] => parseWord(word, 0, word.length, "\\").pieces.map(shown);

describe("the pieces of a word", () => {
  test.each<[string, unknown[]]>([
    ["plain", ["plain"]],
    [`a"b"'c'`, ["a", '"b', "'c"]],
    ["a\\ b\\$c", ["a b$c"]],
    ["'$A'", ["'$A"]],
    ["$A/${B}", [["A", "", [], []], "/", ["B", "", [], []]]],
    ["${A:-b$C}", [["A", ":-", ["b", ["C", "", [], []]], []]]],
    ['${A+"x y"}', [["A", "+", ['"x y'], []]]],
    ["${A##*/}", [["A", "##", ["*/"], []]]],
    ["${A%\\*}", [["A", "%", ["\\*"], []]]],
    ["${A//b/$C}", [["A", "//", ["b"], [["C", "", [], []]]]]],
    ["$", ["$"]],
    ['""', []],
  ])("%s", (word, pieces) => {
    expect(piecesOf(word)).toEqual(pieces);
  });

  test("each has its place, quotes and escapes left out", () => {
    const text = `ENV A=x"y\\"z"'w'\${B:-"c"}!`;
    const { pieces } = parseWord(text, 6, text.length, "\\");
    expect(pieces.map(({ start, end }) => text.slice(start, end))).toEqual(["x", 'y\\"z', "w", '${B:-"c"}', "!"]);
    const [, second, , variable] = pieces;
    expect(second?.kind === "text" && [0, 1, 2].map((at) => text.charAt(toSource(second, at)))).toEqual([
      "y",
      "\\",
      "z",
    ]);
    expect(variable?.kind === "variable" && variable.word.map(({ start, end }) => text.slice(start, end))).toEqual([
      "c",
    ]);
  });

  test("a variable in double quotes says so", () => {
    const [bare, quoted] = parseWord('$A"$B"', 0, 6, "\\").pieces;
    expect(bare).toMatchObject({ name: "A", isQuoted: false });
    expect(quoted).toMatchObject({ name: "B", isQuoted: true, start: 3, end: 5 });
  });

  test.each([
    ["a${B", 1, "no } to end a variable"],
    ["a${}", 1, "a variable in ${} that cannot be read"],
    ["a${B^}", 1, "a variable with an operator that BuildKit does not have"],
    ["a${B:=c}", 1, "a variable with an operator that BuildKit does not have"],
    ["a${B:-c", 1, "no } to end a variable"],
    ["a'b", 1, "a single quote that is not closed"],
    ['a"b', 1, "a double quote that is not closed"],
    ["a${B/c}", 1, "no / to end a variable"],
  ])("%s is a problem, and its text is not lost", (word, offset, message) => {
    const { pieces, problem } = parseWord(word, 0, word.length, "\\");
    expect(problem).toEqual({ offset, message });
    expect(expandWord(pieces, () => "")).toBe(word.replace('"', ""));
  });

  test("a word ends where it is told to", () => {
    const { pieces, problem } = parseWord("$A$B'", 0, 2, "\\");
    expect(problem).toBe(null);
    expect(pieces.map(shown)).toEqual([["A", "", [], []]]);
    expect(parseWord("'a'", 0, 2, "\\").problem?.message).toBe("a single quote that is not closed");
  });

  test("quotes mean nothing in the body of a heredoc", () => {
    expect(parseHeredocBody(`pass "$A" '\${B}' \\$C\n`).pieces.map(shown)).toEqual([
      'pass "',
      ["A", "", [], []],
      `" '`,
      ["B", "", [], []],
      "' $C\n",
    ]);
  });
});

const flowOf = (word: string): string[] =>
  variablesOf(parseWord(word, 0, word.length, "\\").pieces).map(
    ({ variable, isValueUsed }) => `${isValueUsed ? "+" : "-"}${variable.name}`,
  );

describe("which values flow", () => {
  test.each([
    ["$A${B}", ["+A", "+B"]],
    ["${A:-$B}", ["+A", "+B"]],
    ["${A:+yes}", ["-A"]],
    ["${A+$B}", ["-A", "+B"]],
    ["${A:?$B}", ["+A", "-B"]],
    ["${A#$B}", ["+A", "-B"]],
    ["${A//$B/$C}", ["+A", "-B", "+C"]],
    ["${A:+${B:+$C}$D}", ["-A", "-B", "+C", "+D"]],
    ["${A%${B:-$C}}", ["+A", "-B", "-C"]],
    ["'$A'\\$B", []],
  ])("%s", (word, flow) => {
    expect(flowOf(word)).toEqual(flow);
  });
});

describe("what expansion does not follow", () => {
  test("a word that grows without end is cut", () => {
    const word = "$A".repeat(1000);
    const { text, problem } = expansionOf(parseWord(word, 0, word.length, "\\").pieces, () => "x".repeat(1000));
    expect(text).toHaveLength(256 * 1024);
    expect(problem?.message).toBe("a value too long to follow");
  });

  test("a pattern too long for its value leaves the value as it is", () => {
    const word = `\${A#${"*a".repeat(5000)}}`;
    const value = "a".repeat(5000);
    const { text, problem } = expansionOf(parseWord(word, 0, word.length, "\\").pieces, () => value);
    expect(text).toBe(value);
    expect(problem?.message).toBe("a pattern and a value too long to match");
  });

  test("a pattern that would take a backtracking matcher for ever", () => {
    const word = "${A##*a*a*a*a*a*a*a*a*a*a*a*a*b}";
    expect(expandWord(parseWord(word, 0, word.length, "\\").pieces, () => "a".repeat(3000))).toHaveLength(3000);
  });

  test("variables nested beyond reason", () => {
    const word = "${A:-".repeat(100_000);
    expect(parseWord(word, 0, word.length, "\\").problem?.message).toBe("variables nest too deeply");
    const fine = `${"${A:-".repeat(90)}x${"}".repeat(90)}`;
    expect(expandWord(parseWord(fine, 0, fine.length, "\\").pieces, () => undefined)).toBe("x");
  });
});

/** Each pair as name, value (null without =) and text of the whole. */
function pairsOf(text: string, { pairs }: NameValues): unknown[] {
  return pairs.map(({ name, valueSpan, span }) => [
    name,
    valueSpan && text.slice(valueSpan.start, valueSpan.end),
    text.slice(span.start, span.end),
  ]);
}

describe("words and pairs", () => {
  test.each([
    ['A=1 B="x y"  C=\\ z', ["A=1", 'B="x y"', "C=\\ z"]],
    ["A='b\\' c", ["A='b\\'", "c"]],
    ['A="b\\" c', ['A="b\\" c']],
    ["a\u{a0}b\vc\u{85}d", ["a", "b", "c", "d"]],
    ["a\\\u{a0}", ["a"]],
    ["a \\\u{a0}", ["a"]],
    ["'a\\\u{a0}", ["'a\\"]],
    ["", []],
    ["   ", []],
  ])("%j", (text, words) => {
    expect(splitWords(text, 0, "\\").map(({ start, end }) => text.slice(start, end))).toEqual(words);
  });

  test("ENV in its new form", () => {
    const text = `ENV A=1 "B C"='d e' F= G==h`;
    const found = parseNameValues(text, 4, "\\");
    expect(found.problems).toEqual([]);
    expect(pairsOf(text, found)).toEqual([
      ["A", "1", "A=1"],
      [`"B C"`, "'d e'", `"B C"='d e'`],
      ["F", "", "F="],
      ["G", "=h", "G==h"],
    ]);
    expect(found.pairs.every(({ isLegacy }) => !isLegacy)).toBe(true);
    expect(found.pairs[1]).toMatchObject({ nameSpan: { start: 8, end: 13 }, valueSpan: { start: 14, end: 19 } });
  });

  test("ENV in its legacy form takes the rest of the line", () => {
    const text = "ENV  A   b c=d  ";
    const found = parseNameValues(text, 4, "\\");
    expect(found).toEqual({
      pairs: [
        {
          name: "A",
          nameSpan: { start: 5, end: 6 },
          valueSpan: { start: 9, end: 14 },
          span: { start: 5, end: 14 },
          isLegacy: true,
        },
      ],
      problems: [],
    });
  });

  test("ARG with several names", () => {
    const text = 'ARG A B=1 HF_TOKEN="x y"';
    const found = parseArguments(text, 4, "\\");
    expect(found.problems).toEqual([]);
    expect(pairsOf(text, found)).toEqual([
      ["A", null, "A"],
      ["B", "1", "B=1"],
      ["HF_TOKEN", '"x y"', 'HF_TOKEN="x y"'],
    ]);
  });

  test.each<[string, number, string]>([
    ["ENV A=b # c", 8, "a word without = among pairs"],
    ["ENV A", 4, "a name without a value"],
    ["ENV", 3, "no name and no value"],
    ["ENV =b", 4, "a value without a name"],
    ["ENV A=${B:-c d}", 13, "a word without = among pairs"],
  ])("%s is refused", (text, offset, message) => {
    expect(parseNameValues(text, Math.min(4, text.length), "\\").problems[0]).toEqual({ offset, message });
  });

  test("ARG without a name is refused", () => {
    expect(parseArguments("ARG", 3, "\\").problems).toEqual([{ offset: 3, message: "no name" }]);
    expect(parseArguments("ARG =b", 4, "\\").problems).toEqual([{ offset: 4, message: "a value without a name" }]);
  });

  test("a hundred thousand words", () => {
    expect(parseArguments(`ARG ${"a ".repeat(100_000)}b=c`, 4, "\\").pairs).toHaveLength(100_001);
  });
});

/** A variable starts with a dollar; a text is the end of what its segments cover: an escape stands before its character. */
function isInPlace(piece: Piece, text: string): boolean {
  if (piece.kind === "variable") return text.charAt(piece.start) === "$";
  return piece.segments.every(({ at, src, length, srcLength }) =>
    text.slice(src, src + srcLength).endsWith(piece.text.slice(at, at + length)),
  );
}

describe("any text", () => {
  const parts = [
    "$",
    "{",
    "}",
    "${",
    "A",
    ":-",
    ":+",
    "?",
    "#",
    "%",
    "/",
    "\\",
    "`",
    "'",
    '"',
    " ",
    "\u{a0}",
    "=",
    "*",
    "é",
    "\u{1f600}",
  ];
  const anyText = fc.oneof(
    fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((chosen) => chosen.join("")),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  const anyEscape = fc.constantFrom("\\" as const, "`" as const);

  test("is read as a word without a throw, in order and in place", () => {
    fc.assert(
      fc.property(anyText, anyEscape, (text, escape) => {
        const { pieces, problem } = parseWord(text, 0, text.length, escape);
        let at = 0;
        for (const piece of pieces) {
          expect(piece.start).toBeGreaterThanOrEqual(at);
          expect(piece.end).toBeGreaterThan(piece.start);
          at = piece.end;
          expect(isInPlace(piece, text)).toBe(true);
        }
        expect(at).toBeLessThanOrEqual(text.length);
        expect(problem?.offset ?? 0).toBeLessThanOrEqual(text.length);
        expect(expandWord(pieces, () => undefined)).toBeTypeOf("string");
      }),
      { numRuns: 1000 },
    );
  });

  test("without quotes, escapes and dollars is its own value", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const bare = text.replaceAll(/['"\\$]/g, "");
        expect(expandWord(parseWord(bare, 0, bare.length, "\\").pieces, () => undefined)).toBe(bare);
      }),
    );
  });

  test("is split into words that hold all of it but blanks", () => {
    fc.assert(
      fc.property(anyText, anyEscape, (text, escape) => {
        const words = splitWords(text, 0, escape);
        let at = 0;
        let between = "";
        for (const { start, end } of words) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          between += text.slice(at, start);
          at = end;
        }
        between += text.slice(at);
        // The one thing that may go with the blanks is an escape at the very end.
        expect(between.replace(escape, "")).toMatch(/^[\s\u0085]*$/);
      }),
      { numRuns: 1000 },
    );
  });
});
