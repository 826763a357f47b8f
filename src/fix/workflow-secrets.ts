/**
 * `build-args` of docker/build-push-action become lines of its `secrets`. Only in block style, and only for that action,
 * whose input is known. Pure.
 */

import { itemsOf, pairOf, pairsOf, readYaml, textOf, type YamlNode, type YamlPair } from "../callers/yaml-file.ts";
import type { Span } from "../dockerfile/mapped-text.ts";
import { indentAt, lineAt, NOTHING_MENDED, type CallerReading, type MendedCaller } from "./caller-pass.ts";
import { nextLine, type Edit } from "./edit.ts";
import { areOwnLines, deeper, linesAfter, linesBefore, withoutLines } from "./yaml-lines.ts";

const ACTION = /^(?:docker\/build-push-action|https:\/\/github\.com\/docker\/build-push-action)@/;
const BLOCK = /:[ \t]*[|>][-+0-9]*[ \t]*(?:#.*)?$/;

/** The steps of all jobs, and those of a composite action. */
function stepsOf(root: YamlNode): YamlNode[] {
  const jobs = pairsOf(pairOf(root, "jobs")?.value).map(({ value }) => value);
  return [...jobs, pairOf(root, "runs")?.value].flatMap((job) => [...itemsOf(pairOf(job, "steps")?.value)]);
}

/** The offsets at which the lines of a block text that hold something start; its key's line is not one of them. */
function contentLines(text: string, { keySpan, value }: YamlPair): Span[] {
  const lines: Span[] = [];
  for (let at = nextLine(text, keySpan.start); at < value.span.end; at = nextLine(text, at)) {
    const line = lineAt(text, at);
    if (line.trim() !== "") lines.push({ start: at, end: at + line.length });
    if (nextLine(text, at) === at) break;
  }
  return lines;
}

/** The edits for one step; null when its inputs are written in a way that is not known. */
function mendStep(text: string, inputs: YamlNode, args: YamlPair, passes: CallerReading["wanted"]): Edit[] | null {
  const secrets = pairOf(inputs, "secrets");
  const key = args.keySpan;
  const indent = indentAt(text, key.start);
  const lines = passes.map(({ pass, id }) => `${id}=${(pass.valueText ?? "").trim()}`);
  if (!BLOCK.test(lineAt(text, key.start))) {
    const isOneLine = nextLine(text, key.start) >= args.span.end && passes.length === 1 && secrets === null;
    const isQuoted = /["']/.test(text.charAt(args.value.span.start));
    return isOneLine && !isQuoted ? [{ from: key.start, to: key.end, text: "secrets" }] : null;
  }
  const content = contentLines(text, args);
  const own = content.filter((line) =>
    passes.some(({ pass }) => pass.span.start >= line.start && pass.span.end <= line.end),
  );
  if (own.length !== passes.length || !areOwnLines(text, own)) return null;
  const removed = withoutLines(text, own, own.length === content.length ? key : null);
  if (secrets === null) {
    const inner = deeper(text, key.start, content[0]?.start);
    return [linesBefore(text, key.start, [`${indent}secrets: |`, ...lines.map((line) => inner + line)]), ...removed];
  }
  const before = contentLines(text, secrets);
  const last = before.at(-1);
  if (last === undefined || !BLOCK.test(lineAt(text, secrets.keySpan.start))) return null;
  const missing = lines.filter((line) => before.every(({ start }) => lineAt(text, start).trim() !== line));
  const inner = indentAt(text, last.start);
  return [
    ...(missing.length === 0
      ? []
      : [
          linesAfter(
            text,
            last.start,
            missing.map((line) => inner + line),
          ),
        ]),
    ...removed,
  ];
}

/** The edits for the inputs of build actions. */
export function workflowSecrets({ text, wanted }: CallerReading): MendedCaller {
  const { roots, problems } = readYaml(text);
  if (problems.length > 0 || /<<\s*:|[:-][ \t]+[&*][\w-]/.test(text)) return NOTHING_MENDED;
  const edits: Edit[] = [];
  const done: MendedCaller["done"][number][] = [];
  for (const step of roots.flatMap(stepsOf)) {
    const inputs = pairOf(step, "with")?.value;
    const args = pairOf(inputs, "build-args");
    if (inputs === undefined || args === null || !ACTION.test(textOf(pairOf(step, "uses")?.value) ?? "")) continue;
    const own = wanted.filter(
      ({ pass }) =>
        pass.form === "input" &&
        pass.token === null &&
        pass.mayCarry &&
        pass.valueText !== null &&
        args.span.start <= pass.span.start &&
        pass.span.end <= args.span.end,
    );
    const made = own.length === 0 ? null : mendStep(text, inputs, args, own);
    if (made === null) continue;
    edits.push(...made);
    done.push(...own.map(({ pass }) => pass));
  }
  return { edits, done };
}
