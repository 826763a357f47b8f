import { describe, expect, it } from "vitest";
import type { MappedText } from "../../src/dockerfile/mapped-text.ts";
import { readShell } from "../../src/dockerfile/shell.ts";
import { outline, variablesOf } from "../../src/dockerfile/shell-word.ts";

function script(text: string): MappedText {
  return { text, segments: [{ at: 0, src: 0, length: text.length, srcLength: text.length }] };
}

/** Each command on a line, its words apart by `|`, `$` for what is not known. */
function commandsOf(text: string): string[] {
  return readShell(script(text)).commands.map(({ words }) =>
    words.map((word) => outline(word).replaceAll("\0", "$")).join("|"),
  );
}

/** The commands that the script can end well without. */
function skipped(text: string): string[] {
  return readShell(script(text)).commands.flatMap(({ words, isConditional }) =>
    isConditional ? words.map(outline).join(" ") : [],
  );
}

describe("readShell", () => {
  it.each([
    ["a b && c; d || e & f", ["a|b", "c", "d", "e", "f"]],
    ["(a; { b; }) | c", ["a", "b", "c"]],
    ["if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]],
    ["for x in 1 2; do a $x; done", ["", "a|$"]],
    ["while a; do b; done; until c; do d; done", ["a", "b", "c", "d"]],
    ["case $x in a) b ;; *) c ;; esac", ["b", "c"]],
    ["f() { a; }; f", ["a", "f"]],
    ["! a; time b", ["a", "b"]],
    ["x=$(a b) c `d`", ["c|$", "a|b", "d"]],
    ["x=1 y=2", [""]],
    ["export A=b C", ["export|A=b|C"]],
    ["a <(b) >(c)", ["a|$|$", "b", "c"]],
    ["[[ -n $(a) ]] && b", ["a", "b"]],
    ["a # b\nc", ["a", "c"]],
    ["a \\\n b", ["a|b"]],
    [`a'b'"c"\\d$'\\x65'`, ["abcde"]],
    ['a "$x$(b)" ${y:-z} "" \'$q\'', ["a|$$|$||$q", "b"]],
    ["cat <<EOF | a\nb c\nEOF\nd", ["cat", "a", "d"]],
  ])("reads %j", (text, commands) => {
    expect(commandsOf(text)).toEqual(commands);
  });

  it("says which commands a script can end well without", () => {
    expect(skipped("a && b; c")).toEqual([]);
    expect(skipped("a || b")).toEqual(["b"]);
    expect(skipped("a && b || c")).toEqual(["b", "c"]);
    expect(skipped("a && { b; c; }")).toEqual([]);
    expect(skipped("if a; then b; fi; c")).toEqual(["b"]);
    expect(skipped("a & b")).toEqual(["a"]);
    expect(skipped("f() { a; }")).toEqual(["a"]);
  });

  it("says what is quoted", () => {
    const [command] = readShell(script(`a ~/x "~/x" '~' \\~ "$x"~`)).commands;
    const quoted = command?.words.map(({ pieces }) =>
      pieces.map((piece) => (piece.kind === "text" ? piece.isQuoted : piece.kind)),
    );
    expect(quoted).toEqual([[false], [false], [true], [true], [true], ["variable", false]]);
  });

  it("finds the variables whose values show", () => {
    const [command] = readShell(script("a $A \"${B}\" ${C:-$D} ${E:+$F} ${#G} '$H' \\$I ${J%x} ${K/x/$L}")).commands;
    const names = (command?.words ?? []).flatMap((word) => variablesOf(word).map(({ name }) => name));
    expect(names).toEqual(["A", "B", "C", "D", "F", "J", "K", "L"]);
  });

  it("reads redirections and what is fed to a command", () => {
    const [command] = readShell(script('a <in >out 2>>"$err" <<EOF\nx $y\nEOF\n')).commands;
    expect(command?.redirects.map(({ operator, target }) => [operator, target.value])).toEqual([
      ["<", "in"],
      [">", "out"],
      [">>", null],
    ]);
    expect(command?.input?.isVerbatim).toBe(false);
    expect(readShell(script("a <<'EOF'\n$y\nEOF\n")).commands[0]?.input).toMatchObject({
      isVerbatim: true,
      word: { value: "$y\n" },
    });
    expect(readShell(script('a <<< "$x"')).commands[0]?.input?.word.value).toBeNull();
  });

  it("keeps what can be read of a script that a shell would refuse, and says so", () => {
    const open = readShell(script('hf auth login "x'));
    expect(open.commands.map(({ words }) => words[0]?.value)).toEqual(["hf"]);
    expect(open.problems.length).toBeGreaterThan(0);
    expect(readShell(script("a <<EOF\nb")).problems).toMatchObject([{ message: "a heredoc does not end" }]);
    expect(readShell(script("a; if b; then c")).problems.length).toBeGreaterThan(0);
    expect(readShell(script("a $(b")).problems.length).toBeGreaterThan(0);
    expect(readShell(script("a; (b) && { c; }")).problems).toEqual([]);
  });
});

describe("readShell on hostile text", () => {
  it("reads 100,000 commands, and says when there are more", () => {
    const exact = readShell(script("a;".repeat(100_000)));
    expect([exact.commands.length, exact.problems]).toEqual([100_000, []]);
    const over = readShell(script("a;".repeat(100_001)));
    expect(over.commands).toHaveLength(100_000);
    expect(over.problems).toMatchObject([{ message: expect.stringContaining("more than 100000") as string }]);
  });

  it("reads a list of 50,000 members", () => {
    expect(readShell(script(`${"a && ".repeat(50_000)}b`)).commands).toHaveLength(50_001);
    expect(readShell(script(`${"a | ".repeat(50_000)}b`)).commands).toHaveLength(50_001);
  });

  it.each([
    ["a megabyte of open quotes", '"'.repeat(1_000_001)],
    ["a megabyte in one open quote", `a "${"x".repeat(1_000_000)}`],
    ["20,000 nested substitutions", "$(".repeat(20_000)],
    ["20,000 nested backticks", "`\\".repeat(20_000)],
    ["20,000 open subshells", "( ".repeat(20_000)],
    ["20,000 open groups", "{ ".repeat(20_000)],
    ["20,000 nested expansions", "a ${x:-".repeat(20_000)],
    ["20,000 open ifs", "if ".repeat(20_000)],
    ["20,000 nested arithmetic", "$((".repeat(20_000)],
    ["20,000 heredocs", "<<a ".repeat(20_000)],
  ])("says that it did not read all of %s", (_, text) => {
    expect(readShell(script(text)).problems.length).toBeGreaterThan(0);
  });
});
