/**
 * Reads one Dockerfile once, from text to the facts that the rules judge. The order of the work stands here; each step
 * has a module of its own. Never throws: what cannot be read is a gap.
 */

import type { Gap } from "../model/gap.ts";
import type { Secrets } from "../token/secrets.ts";
import type { BuildContext } from "./build-context.ts";
import { cacheCopies, homeSources } from "./cache-copy.ts";
import { contextLeaks, lookAtContext } from "./context-leak.ts";
import type { ExpandedWord } from "./expansion.ts";
import type { DockerfileFacts, Expansion, Suspicion } from "./facts.ts";
import { idleSecrets } from "./idle-secret.ts";
import { readIgnores } from "./ignore.ts";
import { declared } from "./flow.ts";
import { parseGap, readInstructions } from "./instructions.ts";
import { literalsOf } from "./literals.ts";
import { loginsOf } from "./login-facts.ts";
import { namedCopies } from "./named-copy.ts";
import { deletingRuns } from "./run-record.ts";
import { secretForm } from "./secret-form.ts";
import type { Definition } from "./scope.ts";
import { placeAt, sourceText, type SourceText } from "./source-text.ts";
import { split } from "./split.ts";
import { leftByContext, leftByLogins } from "./left-files.ts";
import { stageCopies } from "./stage-files.ts";
import { withScripts, type UnreadScript } from "./started-script.ts";
import { tokenVariables } from "./token-variables.ts";
import { tokenWrites, writeCandidates } from "./token-write.ts";
import { visitAll } from "./visit.ts";

/** The facts of a Dockerfile, and what of it was not read. */
export interface Analysis {
  readonly facts: DockerfileFacts;
  readonly gaps: readonly Gap[];
}

/** An expanded word that takes in a token; null for any other. */
function expansionOf(word: ExpandedWord, carrying: ReadonlyMap<Definition, Suspicion>): Expansion | null {
  const { keyword, span, reach } = word;
  const definition = word.sources.find((source) => carrying.has(source.definition))?.definition;
  if (definition === undefined) return null;
  return { keyword, span, reach, variable: definition.name, steps: [declared(definition)] };
}

/** A gap for a script that a RUN starts, and that is not read to its end. */
function unreadScript(path: string, source: SourceText, { offset, name, problem }: UnreadScript): Gap {
  const unknown = "what it does with a token is not known";
  if (problem !== null) {
    const broken = `the shell of ${name}, which this RUN starts, cannot be read: ${problem}; ${unknown}`;
    return parseGap(path, source, offset, broken);
  }
  const limits = "scripts are read up to 1 MiB each, 4 MiB in all and eight that start one another";
  const detail = `${name}, which this RUN starts, is not read (${limits}); ${unknown}`;
  return { at: placeAt(path, source, offset), why: "limit", detail };
}

/**
 * Reads a Dockerfile. Raw tokens go into `secrets`, never into the facts.
 * @param path what the reader calls the file
 * @param contexts the folders that may be the build's context, the likeliest first; what copies take is read from them
 * @param targets the stages that are built, by name or number; null for the last one
 */
export function analyzeDockerfile(
  path: string,
  text: string,
  secrets: Secrets,
  contexts: readonly BuildContext[] = [],
  targets: readonly (string | null)[] = [null],
): Analysis {
  const source = sourceText(text);
  const parts = split(text);
  const { instructions, gaps } = readInstructions(path, source, parts);
  const isTokenName = (name: string): boolean => secrets.isTokenName(name);
  const visited = visitAll(instructions, parts.escape, { targets, isTokenName });
  const { stages } = visited;
  // One broken place makes the rest of its script doubtful, so one gap for each script says it all.
  const shellGaps = visited.records.flatMap(({ script }) => {
    const [first] = script.problems;
    if (first === undefined) return [];
    const problem = `the shell of this RUN cannot be read: ${first.message}; what it does with a token is not known`;
    return [parseGap(path, source, first.offset, problem)];
  });
  const homes = homeSources(visited.copies, stages);
  const look = lookAtContext(visited.copies, contexts, homes);
  const { records, scripts, unread, ...given } = withScripts(
    visited.records,
    visited.copies,
    look.context,
    text.length,
    stages,
  );
  // One for each RUN, like those of its shell.
  const starting = new Map(unread.toReversed().map((script) => [script.offset, script]));
  const scriptGaps = [...starting.values()].map((script) => unreadScript(path, source, script));
  const deleting = deletingRuns(records);
  const candidates = writeCandidates(records, visited.copies, given, stages);
  const { variables, hidden, carrying } = tokenVariables(visited.definitions, records, candidates.uses, secrets);
  const writes = tokenWrites(candidates, carrying, deleting);
  const literals = literalsOf(text, parts, instructions, visited, secrets);
  const form = secretForm(path, text, parts);
  const logins = loginsOf(records, deleting, form);
  const left = [...leftByLogins(logins), ...writes, ...leftByContext(visited.copies, look)];
  return {
    facts: {
      path,
      source,
      secretForm: form,
      hidden: [...hidden, ...literals.map(({ span }) => span)],
      variables,
      literals,
      expansions: visited.expanded.flatMap((word) => expansionOf(word, carrying) ?? []),
      logins: [...logins.values()].flat(),
      stages: stages.map(({ name, index }) => name ?? String(index)),
      startLogins: visited.startLogins,
      writes: writes.map(({ fact }) => fact).filter(({ isLiteral }) => !isLiteral),
      stageCopies: stageCopies(stages, left, visited.copies, deleting),
      idleSecrets: idleSecrets(records),
      cacheCopies: cacheCopies(visited.copies, homes, look),
      contextLeaks: contextLeaks(visited.copies, look, homes),
      namedCopies: namedCopies(visited.copies, homes, look),
      ignores: readIgnores(source, parts),
      scripts,
    },
    gaps: [...gaps, ...shellGaps, ...scriptGaps, ...look.gaps],
  };
}
