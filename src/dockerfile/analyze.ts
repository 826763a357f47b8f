/**
 * Reads one Dockerfile once, from text to the facts that the rules judge. The order of the work stands here; each step
 * has a module of its own. Never throws: what cannot be read is a gap.
 */

import type { Gap } from "../model/gap.ts";
import type { Secrets } from "../token/secrets.ts";
import { cacheCopies, copyWords, type CopyRecord } from "./cache-copy.ts";
import { expandedWords, type ExpandedWord } from "./expansion.ts";
import type { DockerfileFacts, Expansion, Literal, Reach, StartLogin, Suspicion, TokenVariable } from "./facts.ts";
import { carriers, type OwnValue } from "./flow.ts";
import { readIgnores } from "./ignore.ts";
import { parseGap, readInstructions } from "./instructions.ts";
import { tokensAt, tokensIn, tokensOf } from "./literals.ts";
import { findLogins } from "./login.ts";
import type { Span } from "./mapped-text.ts";
import type { Instruction } from "./parse.ts";
import { commandWithoutLogins, loginsOf, readRunRecord, type RunRecord } from "./run-record.ts";
import { readRun } from "./run-script.ts";
import { readWord, walk, type Definition } from "./scope.ts";
import { sourceText } from "./source-text.ts";
import { split } from "./split.ts";
import { isOpaqueSecret } from "./value.ts";

/** The facts of a Dockerfile, and what of it was not read. */
export interface Analysis {
  readonly facts: DockerfileFacts;
  readonly gaps: readonly Gap[];
}

const DEFAULT_SHELL: readonly string[] = ["/bin/sh", "-c"];

/** What was met on the way through the instructions. */
interface Visited {
  readonly records: RunRecord[];
  readonly copies: CopyRecord[];
  readonly expanded: ExpandedWord[];
  readonly startLogins: StartLogin[];
  readonly reached: Map<Instruction, Reach>;
}

function declaredStep(definition: Definition): { span: Span; text: string } {
  return { span: definition.span, text: `${definition.kind.toUpperCase()} ${definition.name} is declared here` };
}

/** Which definition of an expanded word carries a token, as an expansion; null when none does. */
function expansionOf(word: ExpandedWord, carrying: ReadonlyMap<Definition, Suspicion>): Expansion | null {
  const source = word.sources.find(({ definition }) => carrying.has(definition));
  if (source === undefined) return null;
  const { keyword, span, reach } = word;
  return { keyword, span, reach, variable: source.definition.name, steps: [declaredStep(source.definition)] };
}

/** The RUN of the definition's stage that needs its value. */
function usedBy(definition: Definition, records: readonly RunRecord[]): string | null {
  const byUse = records.find(({ uses }) => uses.some((use) => use.definition === definition));
  const name = new RegExp(`\\$\\{?${definition.name.replaceAll(/\W/g, "")}\\b`);
  const record = byUse ?? records.find(({ instruction }) => name.test(instruction.line.text));
  return record === undefined ? null : commandWithoutLogins(record);
}

/**
 * Reads a Dockerfile. Raw tokens go into `secrets`, never into the facts.
 * @param path what the reader calls the file
 */
export function analyzeDockerfile(path: string, text: string, secrets: Secrets): Analysis {
  const source = sourceText(text);
  const parts = split(text);
  const { escape } = parts;
  const { instructions, gaps: readGaps } = readInstructions(path, source, parts);
  const gaps: Gap[] = [...readGaps];
  const visited: Visited = { records: [], copies: [], expanded: [], startLogins: [], reached: new Map() };
  const shells = new Map<number, readonly string[]>();

  const { stages, definitions } = walk(instructions, escape, (instruction, stage, scope, reach) => {
    visited.reached.set(instruction, reach);
    if (stage === null) return;
    const shell = shells.get(stage.index) ?? shells.get(stage.base ?? -1) ?? DEFAULT_SHELL;
    shells.set(stage.index, shell);
    const environment = (name: string): string | undefined => scope(name)?.text ?? undefined;
    switch (instruction.keyword) {
      case "SHELL":
        shells.set(stage.index, instruction.json?.values.map((value) => value.text) ?? DEFAULT_SHELL);
        break;
      case "RUN":
        visited.records.push(readRunRecord(instruction, stage.index, reach, scope, shell));
        break;
      case "CMD":
      case "ENTRYPOINT": {
        const { keyword } = instruction;
        const logins = reach === "stage" ? [] : findLogins(readRun(instruction, shell), () => environment);
        for (const { form, span } of logins)
          visited.startLogins.push({ form, keyword, span: { start: span.start, end: span.end } });
        break;
      }
      case "COPY":
      case "ADD": {
        const words = copyWords(instruction, (span) => readWord(instruction, span, escape, scope).text);
        const home = new Map(
          ["HF_HOME", "HF_TOKEN_PATH", "XDG_CACHE_HOME", "HOME"].map((name) => [name, environment(name)]),
        );
        visited.copies.push({ instruction, stage: stage.index, reach, words, environment: (name) => home.get(name) });
        break;
      }
      default:
        visited.expanded.push(...expandedWords(instruction, escape, scope, reach));
    }
  });

  const { records } = visited;
  for (const { script } of records) {
    for (const { offset, message } of script.problems)
      gaps.push(parseGap(path, source, offset, `the shell script cannot be read: ${message}`));
  }

  const own = new Map<Definition, OwnValue>();
  const tokenOfDefinition = new Map<Definition, ReturnType<typeof tokensAt>[number]>();
  const hidden: Span[] = [];
  for (const definition of definitions) {
    const value = definition.text ?? "";
    const [found] = value.length < 8 ? [] : tokensAt(value, definition.span, secrets);
    if (found !== undefined) tokenOfDefinition.set(definition, found);
    const isOpaque = found === undefined && definition.valueSpan !== null && isOpaqueSecret(value, definition.name);
    own.set(definition, { isToken: found !== undefined, isOpaque });
  }
  const ownOf = (definition: Definition): OwnValue => own.get(definition) ?? { isToken: false, isOpaque: false };
  const uses = records.flatMap((record) => record.uses);
  const carrying = carriers(definitions, uses, ownOf);

  const variables = [...carrying].flatMap(([definition, suspicion]): TokenVariable[] => {
    if (definition.isGlobal) return [];
    const { isOpaque } = ownOf(definition);
    const found = tokenOfDefinition.get(definition);
    if (isOpaque && suspicion.kind !== "source" && definition.valueSpan !== null) {
      hidden.push(definition.valueSpan);
      secrets.hide(definition.text ?? "");
    }
    const { kind, name, span, reach } = definition;
    return [
      {
        kind,
        name,
        span,
        reach,
        suspicion,
        token: found?.token ?? null,
        confidence: found?.confidence ?? (suspicion.kind === "name" && isOpaque && kind === "env" ? "low" : "high"),
        isOpaque: kind === "env" && isOpaque && suspicion.kind !== "source",
        usedBy: usedBy(definition, records),
      },
    ];
  });

  const literals: Literal[] = [];
  const scripts = new Map(records.map((record) => [record.instruction, record.script]));
  for (const instruction of instructions) {
    const invocations =
      (scripts.get(instruction) ?? scripts.get(instruction.trigger ?? instruction))?.invocations ?? [];
    const isGlobal = instruction.keyword === "ARG" && !visited.reached.has(instruction);
    const reach = visited.reached.get(instruction.trigger ?? instruction) ?? "final";
    const isHead = definitions.some((definition) => definition.isGlobal && definition.instruction === instruction);
    for (const found of tokensOf(instruction, invocations, secrets)) {
      literals.push({ ...found, keyword: instruction.keyword, reach: isHead || isGlobal ? "source" : reach });
    }
  }
  for (const { start, end } of parts.comments) {
    const length = end - start;
    const comment = { text: text.slice(start, end), segments: [{ at: 0, src: start, length, srcLength: length }] };
    for (const found of tokensIn(comment, secrets)) {
      literals.push({ ...found, keyword: null, reach: "source" });
    }
  }
  hidden.push(...literals.map(({ span }) => span));

  const logins = loginsOf(records);
  return {
    facts: {
      path,
      source,
      hidden,
      variables,
      literals,
      expansions: visited.expanded.flatMap((word) => expansionOf(word, carrying) ?? []),
      logins: [...logins.values()].flat(),
      startLogins: visited.startLogins,
      cacheCopies: cacheCopies(visited.copies, stages, records, logins),
      ignores: readIgnores(source, parts),
    },
    gaps,
  };
}
