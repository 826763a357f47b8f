/**
 * Reads one file that calls a build, from text to the facts that the rules judge. Never throws: what cannot be read is a
 * gap, and its text is searched for tokens all the same.
 */

import type { Span } from "../dockerfile/mapped-text.ts";
import { placeAt, sourceText } from "../dockerfile/source-text.ts";
import type { Gap } from "../model/gap.ts";
import { findTokens } from "../token/match.ts";
import type { Secrets } from "../token/secrets.ts";
import { readBakeHcl } from "./bake-hcl.ts";
import { readBakeJson } from "./bake-json.ts";
import { readIgnores } from "./caller-ignore.ts";
import { readCiScript } from "./ci-script.ts";
import { readCompose } from "./compose.ts";
import type { CallerFacts, CallerLiteral, InlineDockerfile } from "./facts.ts";
import { judgePass, type Carriers } from "./judge-pass.ts";
import { KINDS, type CallerFormat } from "./kind.ts";
import { readMakefile } from "./makefile.ts";
import { readPackageScripts, readScript } from "./script.ts";
import { readWorkflow } from "./workflow.ts";
import type { FileBeside, Reading } from "./yaml-passes.ts";

/** The facts of a calling file, and what of it was not read. */
export interface CallerReading {
  readonly facts: CallerFacts;
  readonly gaps: readonly Gap[];
}

const READERS: Readonly<Record<CallerFormat, (text: string, known: Carriers, beside: FileBeside) => Reading>> = {
  compose: readCompose,
  "bake-hcl": readBakeHcl,
  "bake-json": readBakeJson,
  github: readWorkflow,
  ci: readCiScript,
  makefile: readMakefile,
  shell: readScript,
  package: readPackageScripts,
};

/** Larger files are no compose or CI file; a parser that keeps places would take its time over them. */
const MAX_CHARACTERS = 512 * 1024;
const NOTHING: Reading = { given: [], problems: [] };

function read(format: CallerFormat, text: string, known: Carriers, beside: FileBeside): Reading {
  try {
    return READERS[format](text, known, beside);
  } catch {
    return { given: [], problems: [{ offset: 0, message: "it is nested too deep to be read" }] };
  }
}

/** Each Dockerfile that stands in the file once, with all stages that are built of it. */
function onceEach(found: readonly InlineDockerfile[]): InlineDockerfile[] {
  const byPlace = new Map<number, InlineDockerfile>();
  for (const inline of found) {
    const known = byPlace.get(inline.span.start)?.targets ?? [];
    byPlace.set(inline.span.start, { ...inline, targets: [...new Set([...known, ...inline.targets])] });
  }
  return [...byPlace.values()];
}

/**
 * Reads a calling file. Raw tokens go into `secrets`, never into the facts.
 * @param path what the reader calls the file
 * @param beside reads files of its folder; there are none unless given
 */
export function readCaller(
  path: string,
  text: string,
  format: CallerFormat,
  secrets: Secrets,
  beside: FileBeside = () => null,
): CallerReading {
  const source = sourceText(text);
  const literals = findTokens(text).map((match): CallerLiteral => {
    const { confidence, start, end } = match;
    return { token: secrets.facts(match), confidence, span: { start, end } };
  });
  const known: Carriers = {
    get: (name) => (secrets.isTokenName(name) ? { source: name, steps: [] } : null),
  };
  const isTooLarge = text.length > MAX_CHARACTERS;
  const reading = isTooLarge ? NOTHING : read(format, text, known, beside);
  const { given, builds = [], parts = [], problems } = reading;
  const inlineDockerfiles = onceEach(reading.inlineDockerfiles ?? []);
  // What is read with several values is one argument in as many builds.
  const distinct = new Map(given.map((item) => [JSON.stringify([item.span, item.argument, item.build]), item]));
  const judged = [...distinct.values()].map((item) => judgePass(item, literals, secrets));
  const passes = judged.map(({ pass }) => pass);
  const inPasses = new Set(judged.flatMap((item) => item.literals));
  // What stands in a Dockerfile is judged as one.
  const isInline = ({ start, end }: Span): boolean =>
    inlineDockerfiles.some(({ span }) => span.start <= start && end <= span.end);
  const isScript = KINDS[format] === "script";
  const gaps = problems.map(({ offset, message }): Gap => {
    const detail = `${message}; it was searched for tokens as text, but what it hands to a build is not known: mend it and lint again`;
    return { at: placeAt(path, source, offset), why: "parse-error", detail };
  });
  if (isTooLarge) {
    const detail =
      "the file is larger than 512 KiB and was only searched for tokens as text; check that it calls a build";
    gaps.push({ at: path, why: "too-large", detail });
  }
  return {
    facts: {
      kind: KINDS[format],
      path,
      source,
      hidden: [...literals.map(({ span }) => span), ...judged.flatMap(({ hidden }) => hidden)],
      passes,
      builds: [...new Map(builds.map((build) => [JSON.stringify(build), build])).values()],
      parts,
      literals: literals.filter((literal) => !inPasses.has(literal) && !isInline(literal.span)),
      ignores: readIgnores(source, !isScript).filter(({ span }) => !isInline(span)),
      inlineDockerfiles,
    },
    gaps,
  };
}
