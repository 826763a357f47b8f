/** Reads a case of the fuzzer and says which promise it breaks. What fails is said without a byte of the input. */

import { createHash } from "node:crypto";
import { redactAll } from "../../src/assemble.ts";
import { reportError } from "../../src/cli/report-error.ts";
import { LIMITS } from "../../src/cli/limit-options.ts";
import { readBaseline } from "../../src/gate/baseline.ts";
import { readConfigFile } from "../../src/gate/config-file.ts";
import { decide } from "../../src/gate/decide.ts";
import { judge } from "../../src/gate/judge.ts";
import { inspectImage } from "../../src/inspect.ts";
import { lintCaller } from "../../src/lint-caller.ts";
import { lintDockerfile } from "../../src/lint.ts";
import { HullcheckError } from "../../src/model/errors.ts";
import type { Outcome } from "../../src/model/report.ts";
import { FORMATS, render } from "../../src/report/index.ts";
import { RULES } from "../../src/rules/index.ts";
import { Secrets } from "../../src/token/secrets.ts";
import { disguises } from "../support/disguises.ts";
import { memoryContext } from "../support/memory-context.ts";
import type { FuzzCase } from "./fuzz-case.ts";
import type { SeedKind } from "./kinds.ts";
import { isToken } from "./must-be-seen.ts";
import { imageWithFile } from "./small-image.ts";

/** What reads the cases; a test of the fuzzer hands over worse ones. */
export interface Readers {
  readonly inspectImage: typeof inspectImage;
  readonly lintDockerfile: typeof lintDockerfile;
  readonly lintCaller: typeof lintCaller;
  readonly readConfigFile: typeof readConfigFile;
  readonly readBaseline: typeof readBaseline;
}

/** The readers as they are. */
export const READERS: Readers = { inspectImage, lintDockerfile, lintCaller, readConfigFile, readBaseline };

const META = RULES.map(({ meta }) => meta);

const ARCHIVES: ReadonlySet<SeedKind> = new Set(["image", "document", "nested"]);

/** A Dockerfile that copies the whole context. */
const COPIES = "FROM scratch\nCOPY . /app/\n";

/** What was made of a case: an outcome where the input has one, and every text that left. */
interface Seen {
  readonly outcome: Outcome | null;
  readonly texts: readonly string[];
}

function seenOf(outcome: Outcome): Seen {
  return { outcome, texts: [JSON.stringify(outcome)] };
}

async function inspected(bytes: Buffer, { options, step }: FuzzCase, readers: Readers): Promise<Seen> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  return seenOf(await readers.inspectImage("-", { ...options, stdin: chunks() }));
}

/** What a person sees of an error. */
function saidOf(error: unknown): string {
  const lines: string[] = [];
  const io = { stderr: { isTerminal: false, write: (text: string) => void lines.push(text) } };
  reportError(error, io as unknown as Parameters<typeof reportError>[1]);
  return lines.join("");
}

/** Reads a file that only errors, of the kind that users are told, may come from. */
function settled(read: () => unknown): Seen {
  try {
    return { outcome: null, texts: [JSON.stringify(redactAll(read() as object, new Secrets()))] };
  } catch (error) {
    if (error instanceof HullcheckError) return { outcome: null, texts: [saidOf(error)] };
    throw error;
  }
}

async function look(fuzzCase: FuzzCase, readers: Readers): Promise<Seen> {
  const { seed, bytes } = fuzzCase;
  const text = (): string => bytes.toString("utf8");
  switch (seed.kind) {
    case "image":
    case "document":
      return inspected(bytes, fuzzCase, readers);
    case "nested":
      return inspected(imageWithFile(bytes), fuzzCase, readers);
    case "dockerfile": {
      const contexts = seed.files === null ? [] : [memoryContext(seed.files)];
      return seenOf(readers.lintDockerfile(text(), { contexts }));
    }
    case "context":
      return seenOf(
        readers.lintDockerfile(COPIES, { contexts: [memoryContext({ ...seed.files, ".dockerignore": text() })] }),
      );
    case "caller":
      return seenOf(readers.lintCaller(seed.name, text()));
    case "config":
      return settled(() => readers.readConfigFile(text(), ".hullcheck.yaml", { rules: META, limits: LIMITS }));
    case "baseline":
      return settled(() => readers.readBaseline(text(), "baseline.json", META));
  }
}

/** What passes: for images the verdict; a token in a text may be worth a warning only, but has to be named. */
function isPassed({ seed }: FuzzCase, outcome: Outcome): boolean {
  if (ARCHIVES.has(seed.kind)) return decide(outcome).verdict === "pass";
  return outcome.gaps.length === 0 && !outcome.findings.some(({ token }) => token !== null);
}

/** The promise that an outcome breaks; null when it keeps them all. */
function brokenBy(fuzzCase: FuzzCase, outcome: Outcome): string | null {
  if (outcome.gaps.some(({ why }) => why === "rule-failed")) return "a rule fails";
  if (decide(outcome).verdict === "pass" && outcome.subjects.length === 0) return "it passes with nothing looked at";
  if (fuzzCase.hasNone && outcome.findings.some(({ token }) => token !== null)) return "a token is found where none is";
  if (!isPassed(fuzzCase, outcome)) return null;
  if (fuzzCase.hasToken) return "a token is overlooked";
  return fuzzCase.isUnreadable ? "it passes, and nobody can read it to its end" : null;
}

const known = new Map<string, { readonly sha256: string; readonly forms: readonly string[] }>();

function knownOf(token: string): { readonly sha256: string; readonly forms: readonly string[] } {
  const kept = known.get(token) ?? {
    sha256: createHash("sha256").update(token).digest("hex"),
    forms: disguises(token),
  };
  known.set(token, kept);
  return kept;
}

/** What must not show of a token. */
function mustNotShow(token: string, { seed }: FuzzCase, texts: readonly string[]): readonly string[] {
  const { sha256, forms } = knownOf(token);
  // What is planted across the border of two fields of a header is cut there, and no token to anyone who reads them.
  const mayBeCut = ARCHIVES.has(seed.kind) && !texts.some((text) => text.includes(sha256));
  return mayBeCut ? forms.filter((form) => form.length >= token.length || !token.startsWith(form)) : forms;
}

/** A text and, where it has any, what its escapes stand for. */
function withoutEscapes(text: string): string {
  const plain = text.replaceAll(/\\u00([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return plain === text ? text : `${text}\n${plain}`;
}

/** The first promise that a case breaks, in a few words; null when all hold. */
export async function brokenPromise(fuzzCase: FuzzCase, readers: Readers = READERS): Promise<string | null> {
  const { bytes, tokens, isRendered } = fuzzCase;
  let seen: Seen;
  try {
    seen = await look(fuzzCase, readers);
  } catch (error) {
    const frame = error instanceof Error ? /\((?:.*\/)?([\w.-]+:\d+):\d+\)/.exec(error.stack ?? "")?.[1] : null;
    return `it throws (${error instanceof Error ? error.name : typeof error} at ${frame ?? "an unknown place"})`;
  }
  const { outcome } = seen;
  const texts = [...seen.texts];
  if (outcome !== null) {
    const broken = brokenBy(fuzzCase, outcome);
    if (broken !== null) return broken;
    if (isRendered) for (const format of FORMATS) texts.push(await render(judge(outcome), { format, rules: META }));
  }
  let input: string | null = null;
  for (const form of tokens.flatMap((token) => mustNotShow(token, fuzzCase, texts))) {
    if (!texts.some((text) => text.includes(form))) continue;
    // As it is read: in a text, a letter of two bytes is no bytes beside a token.
    input ??= withoutEscapes(bytes.toString(ARCHIVES.has(fuzzCase.seed.kind) ? "latin1" : "utf8"));
    if (isToken(input, form)) return "a token is shown";
  }
  return null;
}
