/** Says what our reading of a Dockerfile is, in the words of the golden files, so that the two can be compared as values. */

import { splitCommand, type EscapeToken } from "../../../src/dockerfile/command.ts";
import { jsonStrings } from "../../../src/dockerfile/json-form.ts";
import { split, type LogicalLine } from "../../../src/dockerfile/split.ts";
import { parseArguments, parseNameValues, type NameValue } from "../../../src/dockerfile/words.ts";
import type { GoldenInstruction } from "./corpus.ts";

const STRING = new Set(["user", "workdir", "stopsignal", "maintainer"]);
const MAYBE_JSON = new Set(["run", "cmd", "entrypoint", "shell"]);
const LIST = new Set(["copy", "add", "volume", "from", "expose"]);
const LIST_WITH_JSON = new Set(["copy", "add", "volume"]);

/** A Dockerfile in the form of the golden files, and every problem found in it. */
export interface Reading {
  readonly escape: EscapeToken;
  readonly instructions: readonly GoldenInstruction[];
  readonly problems: readonly string[];
}

function chain(text: string, pair: NameValue): string[] {
  if (pair.valueSpan === null) return [pair.name];
  return [pair.name, text.slice(pair.valueSpan.start, pair.valueSpan.end), pair.isLegacy ? "" : "="];
}

function read(
  source: string,
  line: LogicalLine,
  from: number,
  escape: EscapeToken,
  problems: string[],
): GoldenInstruction {
  const { text } = line;
  const command = splitCommand(text, from, escape);
  const keyword = command.keyword.toLowerCase();
  const { start, end } = command.rest;
  const rest = text.slice(start, end);
  let values: string[] = [];
  let isJson = false;
  const takeJson = (at: number): boolean => {
    const form = jsonStrings(text, at);
    if (form === null) return false;
    if (form.problem !== null) problems.push(form.problem);
    values = form.values.map((value) => value.text);
    isJson = true;
    return true;
  };
  if (keyword === "env" || keyword === "label") {
    const found = parseNameValues(text, start, escape);
    problems.push(...found.problems.map(({ message }) => message));
    values = found.pairs.flatMap((pair) => chain(text, pair));
  } else if (keyword === "arg") {
    const found = parseArguments(text, start, escape);
    problems.push(...found.problems.map(({ message }) => message));
    values = found.pairs.map(({ span }) => text.slice(span.start, span.end));
  } else if (LIST.has(keyword)) {
    if (!LIST_WITH_JSON.has(keyword) || !takeJson(start)) values = rest === "" ? [] : rest.split(/[\t\v\f\r ]+/);
  } else if (MAYBE_JSON.has(keyword)) {
    if (!takeJson(start)) values = rest === "" ? [] : [rest];
  } else if (STRING.has(keyword)) {
    values = rest === "" ? [] : [rest];
  } else if (keyword === "healthcheck") {
    const [untilCommand = "", type = ""] = /^(\S*)\s*/.exec(rest) ?? [];
    const shellForm = rest.slice(untilCommand.length);
    if (rest !== "" && !takeJson(start + untilCommand.length)) values = shellForm === "" ? [] : [shellForm];
    if (rest !== "") values.unshift(type);
  } else if (keyword !== "onbuild") {
    values = [""];
  }
  return {
    original: from === 0 ? text : text.slice(from, end),
    startLine: from === 0 ? line.startLine : 0,
    endLine: from === 0 ? line.endLine : 0,
    keyword: command.keyword,
    flags: command.flags.map((flag) => flag.text),
    json: isJson,
    values,
    heredocs:
      from === 0
        ? line.heredocs.map((heredoc) => ({
            name: heredoc.name,
            expand: heredoc.expand,
            chomp: heredoc.stripTabs,
            fd: heredoc.fd ?? 0,
            content: source.slice(heredoc.start, heredoc.end),
            stripped: heredoc.text,
          }))
        : [],
    ...(keyword === "onbuild" && rest !== "" ? { trigger: read(source, line, start, escape, problems) } : {}),
  };
}

/** A Dockerfile as we read it. */
export function readAsGolden(text: string): Reading {
  const { lines, escape, problems } = split(text);
  const messages = problems.map(({ message }) => message);
  return { escape, instructions: lines.map((line) => read(text, line, 0, escape, messages)), problems: messages };
}
