/**
 * Follows the values of all RUNs and of the heredocs of COPY to files, and keeps the writes of tokens that are still there
 * when the RUN is over. In two steps, since which variables carry a token is known only after their uses are.
 */

import type { CopyRecord } from "./copy-record.ts";
import type { Step, Suspicion, TokenWrite } from "./facts.ts";
import { declared, type DefinitionUse } from "./flow.ts";
import { createEarlierFiles } from "./earlier-files.ts";
import { isTokenFile, type Environment } from "./home-path.ts";
import { isEphemeral, mayRemove, removes } from "./login.ts";
import { destinationOf } from "./copy-destination.ts";
import type { Invocation } from "./invocation.ts";
import { toSourceSpan, type Span } from "./mapped-text.ts";
import { laterDeletion, placeIn, type RunRecord } from "./run-record.ts";
import { wholeRun } from "./quoted-run.ts";
import { askingRun, secretReader } from "./quoted-write.ts";
import type { FileWrite, RunFlow } from "./flow-setting.ts";
import { followRun } from "./run-flow.ts";
import type { Definition, Scope } from "./scope.ts";
import type { Stage } from "./stages.ts";
import type { WithScripts } from "./started-script.ts";
import { isSurelyAfter } from "./surely-after.ts";
import { isOpaqueSecret } from "./value.ts";
import { fromDefinition, fromToken, merged, type Origin, type Origins } from "./token-origin.ts";
import { MAY_HOLD_TOKEN } from "./word-origins.ts";

/** A write to a file that is there after its instruction, of something that may be a token. */
interface Candidate extends Pick<FileWrite, "span" | "paths" | "form" | "origins" | "kind"> {
  readonly inScript: Step | null;
  readonly stage: number;
  readonly reach: TokenWrite["reach"];
  /** Where its instruction starts. */
  readonly at: number;
  readonly environment: Environment;
  /** The RUN and the command in it that write; null for a COPY. */
  readonly by: { readonly record: RunRecord; readonly invocation: Invocation } | null;
}

/** Everything that is written. */
export interface Candidates {
  readonly writes: readonly Candidate[];
  /** Variables that are known for a token's by where they are written. */
  readonly uses: readonly DefinitionUse[];
}

/** A write of a token, with what stages need to know of it. */
export interface LeftWrite extends Candidate {
  readonly fact: TokenWrite;
  readonly steps: readonly Step[];
}

const MAY_HAVE_SOURCE =
  /auth\s+token|environ|printenv|getenv|strenv|envsubst|\benv\b|ENV|\bexport\s+-p|\bset\b|\bdeclare\b|\$\{!|huggingface\/(?:stored_)?token/;

/** Programs that write files by themselves; all others write where a redirection says. */
const WRITERS =
  /^(?:tee|sponge|cp|mv|ln|install|rsync|dd|tar|zip|sed|[gm]?awk|sort|openssl|iconv|crudini|node(?:js)?|bun|ruby|php|yq|perl|git|pip3?|uv|p?npm|yarn|conda|poetry|docker|comfy|dotenv|rclone)$/;

/** Whether a RUN can write anything to a file that is known. */
function hasSink({ script }: RunRecord): boolean {
  return script.invocations.some(({ program, code, command: { redirects, around } }) => {
    return (
      code !== null || around !== null || WRITERS.test(program) || redirects.some(({ operator }) => operator !== "<")
    );
  });
}

/** False for an ENV whose value stands in the file and is no token: all that most variables are. */
function mayCarry({ kind, sources, text, name }: Definition): boolean {
  return kind === "arg" || sources.length > 0 || MAY_HOLD_TOKEN.test(text ?? "") || isOpaqueSecret(text ?? "", name);
}

/** Whether any value in a RUN may be a token at all; most RUNs end here. */
function hasSource({ script, instruction, scope }: RunRecord, hasFiles: boolean): boolean {
  if (hasFiles || script.mounts.some(({ type }) => type === "secret")) return true;
  const { line } = instruction;
  // A script that is started sees all variables.
  if (script.invocations.some(({ start }) => start > line.end || start < line.start)) return true;
  return [line, ...line.heredocs].some(({ text }) => {
    if (MAY_HOLD_TOKEN.test(text) || MAY_HAVE_SOURCE.test(text)) return true;
    return [...text.matchAll(/\$\{?(\w+)/g)].some(([, name = ""]) => {
      const definition = scope(name);
      return definition !== undefined && mayCarry(definition);
    });
  });
}

function originOf(scope: Scope, name: string): Origins {
  const definition = scope(name);
  return definition === undefined ? [] : [fromDefinition(definition)];
}

const MAX_COMPARISONS = 4_000_000;

/** The writes of a flow whose files are still there in the end. */
function lasting(flow: RunFlow, record: RunRecord): FileWrite[] {
  const { environmentOf, script } = record;
  const allRemoving = flow.order.filter(mayRemove);
  // Nobody writes this many by hand; what is not compared counts as left.
  const removing = flow.writes.length * allRemoving.length > MAX_COMPARISONS ? [] : allRemoving;
  const position = new Map(flow.order.map((invocation, i) => [invocation, i]));
  return flow.writes.filter(({ invocation, paths }) => {
    const own = environmentOf(invocation);
    if (paths.some((path) => isEphemeral(path, script.mounts, own))) return false;
    const at = position.get(invocation) ?? -1;
    const isLater = (other: typeof invocation): boolean =>
      other.isDeferred || ((position.get(other) ?? -1) > at && isSurelyAfter(other, invocation, flow.called));
    if (flow.clears.some(({ path, invocation: other }) => paths.includes(path) && isLater(other))) return false;
    return !removing.some(
      (other) => isLater(other) && paths.some((path) => removes(other, path, environmentOf(other))),
    );
  });
}

/** Variables that one command prints; nobody declares this many. */
const MAX_NAMES = 1000;

/** What is known of commands from elsewhere. */
type Given = Pick<WithScripts, "parameters" | "templates">;

function runCandidates(
  record: RunRecord,
  { parameters, templates }: Given,
  ofFile: (path: string) => Origins,
): Candidate[] {
  const { instruction, script, scope, stage, reach, environmentOf } = record;
  const flow = followRun(script.invocations, {
    mounts: script.mounts,
    isTokenName: record.isTokenName,
    environmentOf,
    ofName: (name) => originOf(scope, name),
    names: () => [...scope.names()].slice(0, MAX_NAMES),
    ofFile,
    parameters,
    templates,
    stored: new Map(
      record.logins.flatMap(({ login }) =>
        login.invocation === null ? [] : [[login.invocation, login.files] as const],
      ),
    ),
  });
  return lasting(flow, record).map(({ invocation, span, paths, form, origins, kind }) => {
    const environment = environmentOf(invocation);
    const place = placeIn(instruction, { span, invocation });
    const at = instruction.line.start;
    return { ...place, paths, form, origins, kind, stage, reach, at, environment, by: { record, invocation } };
  });
}

/** A variable in a heredoc of COPY: quotes mean nothing there, so that `'$X'` is expanded too. */
const HEREDOC_VARIABLE = /(?<!\\)\$(?:\{(\w+)(:?[-+?])?|(\w+))/g;

/** The heredocs of a COPY or ADD, which BuildKit expands unless their delimiter is quoted. */
function copyCandidates(copy: CopyRecord): Candidate[] {
  const { instruction, stage, reach, words, scope } = copy;
  const { line, keyword } = instruction;
  return line.heredocs.flatMap((heredoc): Candidate[] => {
    if (!heredoc.expand || !heredoc.text.includes("$")) return [];
    const origins = [...heredoc.text.matchAll(HEREDOC_VARIABLE)].flatMap((match): Origin[] => {
      const [whole, braced, operator = "", bare] = match;
      if (operator.endsWith("+")) return [];
      const name = braced ?? bare ?? "";
      const span = toSourceSpan(heredoc, match.index, match.index + whole.length);
      return originOf(scope, name).map((origin) => ({ ...origin, steps: [{ span, text: `${name} is put in here` }] }));
    });
    if (origins.length === 0) return [];
    const { paths, environment } = destinationOf(copy, heredoc.name, words.length > 2);
    const span: Span = toSourceSpan(line, instruction.keywordSpan.start, instruction.rest.end);
    const at = instruction.line.start;
    return [
      {
        span,
        inScript: null,
        paths,
        form: keyword,
        origins: merged(origins),
        kind: "file",
        stage,
        reach,
        at,
        environment,
        by: null,
      },
    ];
  });
}

/** Follows everything once, in the order of the file. */
export function writeCandidates(
  records: readonly RunRecord[],
  copies: readonly CopyRecord[],
  given: Given,
  stages: readonly Stage[],
): Candidates {
  const writes: Candidate[] = [];
  const files = createEarlierFiles(stages);
  const keep = (found: readonly Candidate[]): void => {
    for (const candidate of found) {
      writes.push(candidate);
      files.write(candidate.stage, candidate.paths, candidate.origins);
    }
  };
  const keepLogins = ({ stage, logins }: RunRecord): void => {
    for (const { login, leaves } of logins) {
      if (leaves.length === 0 || !login.hasToken) continue;
      const step = {
        span: { start: login.span.start, end: login.span.end },
        text: `\`${login.form}\` leaves the token here`,
      };
      for (const path of leaves) files.write(stage, [path], [fromToken("the stored token", [step])]);
    }
  };
  const events = [
    ...records.map((record) => ({ at: record.instruction.line.start, record, copy: null })),
    ...copies
      .filter(({ instruction }) => instruction.line.heredocs.length > 0)
      .map((copy) => ({ at: copy.instruction.line.start, record: null, copy })),
  ].toSorted((a, b) => a.at - b.at);
  for (const { record, copy } of events) {
    if (copy !== null) keep(copyCandidates(copy));
    if (record === null) continue;
    const { isEmpty, ofFile } = files.at(record);
    const isFollowed = hasSink(record) && (record.logins.length > 0 || hasSource(record, !isEmpty));
    const found = isFollowed ? runCandidates(record, given, ofFile) : [];
    files.remove(record);
    keep(found);
    keepLogins(record);
  }
  const uses = writes.flatMap(({ origins, paths, span, environment }) => {
    const isShown = paths.some((path) => isTokenFile(path, environment));
    return origins.flatMap(({ definition, isToken }): DefinitionUse[] =>
      definition === null || !(isToken || isShown)
        ? []
        : [{ definition, step: { span, text: `${definition.name} is written as a token here` } }],
    );
  });
  return { writes, uses };
}

/** The way of an origin from its first declaration to the sink. */
function wayOf({ definition, steps }: Origin, carrying: ReadonlyMap<Definition, Suspicion>): Step[] {
  if (definition === null) return [...steps];
  const suspicion = carrying.get(definition);
  const before = suspicion?.kind === "source" ? suspicion.steps : [declared(definition)];
  return [...before, ...steps];
}

/** The writes of tokens among the candidates. */
export function tokenWrites(
  { writes }: Candidates,
  carrying: ReadonlyMap<Definition, Suspicion>,
  deleting: readonly RunRecord[],
): LeftWrite[] {
  return writes.flatMap((candidate): LeftWrite[] => {
    const { origins, paths, environment, span, stage, reach, form, kind, at, inScript } = candidate;
    const by = inScript === null ? candidate.by : null;
    const isShown = paths.some((path) => isTokenFile(path, environment));
    const origin = origins.find(({ isToken, definition, secretId }) =>
      definition === null ? isToken || (isShown && secretId !== null) : carrying.has(definition),
    );
    if (origin === undefined) return [];
    const variable = origin.definition?.name ?? null;
    const reader =
      by === null || origin.secretId === null ? `$${variable ?? "HF_TOKEN"}` : secretReader(by.record, origin.secretId);
    const steps = [...wayOf(origin, carrying), ...(inScript === null ? [] : [inScript])];
    const fact: TokenWrite = {
      kind,
      form,
      span,
      reach,
      path: paths[0] ?? "",
      what: origin.what,
      variable,
      secretId: origin.secretId,
      isLiteral: origin.isLiteral,
      run: by === null ? null : wholeRun(by.record),
      askingRun: by === null || kind === "file" ? null : askingRun(by.record, by.invocation, reader),
      reader,
      deletedLater: laterDeletion(paths, { stage, at }, deleting),
      steps,
    };
    return [{ ...candidate, fact, steps }];
  });
}
