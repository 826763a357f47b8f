/** Turns the definitions that carry a token into facts, and says which of their values no snippet may show. */

import type { Secrets } from "../token/secrets.ts";
import type { Step, Suspicion, TokenVariable } from "./facts.ts";
import { carriers, type DefinitionUse, type OwnValue } from "./flow.ts";
import { tokensAt, type FoundToken } from "./literals.ts";
import type { Span } from "./mapped-text.ts";
import { isPrinting, quotedRun } from "./quoted-run.ts";
import type { RunRecord } from "./run-record.ts";
import type { Definition } from "./scope.ts";
import { isOpaqueSecret } from "./value.ts";

/** What is known of all definitions of a file. */
export interface VariableFacts {
  readonly variables: readonly TokenVariable[];
  /** Source offsets of values that no snippet may show. */
  readonly hidden: readonly Span[];
  /** Every definition that carries a token, with the reason. */
  readonly carrying: ReadonlyMap<Definition, Suspicion>;
}

interface Own extends OwnValue {
  readonly found: FoundToken | null;
}

/** Shorter than any token's prefix and a few characters: not worth a search. */
const MIN_VALUE_LENGTH = 8;
/** Definitions that a value goes through; longer ways are not followed to their start. */
const MAX_ORIGIN_STEPS = 32;

function ownOf({ text, span, valueSpan, name }: Definition, secrets: Secrets): Own {
  const value = text ?? "";
  const [found = null] = value.length < MIN_VALUE_LENGTH ? [] : tokensAt(value, span, secrets);
  return {
    found,
    isToken: found !== null,
    isOpaque: found === null && valueSpan !== null && isOpaqueSecret(value, name),
  };
}

/** Gives the RUN that needs a definition's value: the first that uses it as a token, else the first that names it. */
function usersOf(records: readonly RunRecord[]): (definition: Definition) => RunRecord | undefined {
  const byUse = new Map<Definition, RunRecord>();
  const byName = new Map<string, RunRecord>();
  for (const record of records) {
    for (const { definition } of record.uses) if (!byUse.has(definition)) byUse.set(definition, record);
    if (isPrinting(record)) continue;
    for (const [, name = ""] of record.instruction.line.text.matchAll(/\$\{?(\w+)/g)) {
      const key = `${record.stage} ${name}`;
      if (!byName.has(key)) byName.set(key, record);
    }
  }
  return (definition) =>
    byUse.get(definition) ?? byName.get(`${definition.stage} ${definition.name.replaceAll(/\W/g, "")}`);
}

/** Says of a definition whether a RUN of its stage takes a secret under its name. */
function mountedBy(records: readonly RunRecord[]): (definition: Definition) => boolean {
  const mounted = new Set<string>();
  for (const { script, stage } of records) {
    for (const { type, options } of script.mounts) {
      if (type === "secret" && options.has("env")) mounted.add(`${stage} ${options.get("env") ?? ""}`);
    }
  }
  return ({ stage, name }) => mounted.has(`${stage} ${name}`);
}

/** The name of the first definition on the way of a value. */
function originOf(definition: Definition, carrying: ReadonlyMap<Definition, Suspicion>): string {
  let at = definition;
  for (let steps = 0; steps < MAX_ORIGIN_STEPS; steps++) {
    const source = at.sources.find((item) => item.isWhole && carrying.has(item.definition));
    if (source === undefined) break;
    at = source.definition;
  }
  return at.name;
}

/** Gives the last later ENV of the same stage that sets a variable to nothing. */
function emptiedIn(definitions: readonly Definition[]): (definition: Definition) => Step | null {
  const empty = definitions.filter(({ kind, text }) => kind === "env" && text === "");
  const last = new Map(empty.map((definition) => [`${definition.stage} ${definition.name}`, definition]));
  return ({ kind, stage, name, span }) => {
    const found = kind === "env" ? last.get(`${stage} ${name}`) : undefined;
    if (found === undefined || found.span.start <= span.start) return null;
    return { span: found.span, text: "setting it to nothing here changes what a container sees, not the history" };
  };
}

/** Judges every definition of a file by its name, its value and its uses. */
export function tokenVariables(
  definitions: readonly Definition[],
  records: readonly RunRecord[],
  writeUses: readonly DefinitionUse[],
  secrets: Secrets,
): VariableFacts {
  const owns = new Map(definitions.map((definition) => [definition, ownOf(definition, secrets)]));
  const nothing: Own = { found: null, isToken: false, isOpaque: false };
  const uses = [...records.flatMap((record) => record.uses), ...writeUses];
  const carrying = carriers(
    definitions,
    uses,
    (definition) => owns.get(definition) ?? nothing,
    (name) => secrets.isTokenName(name),
  );
  const userOf = usersOf(records);
  const emptiedLater = emptiedIn(definitions);
  const isMounted = mountedBy(records);
  const variables: TokenVariable[] = [];
  const hidden: Span[] = [];
  for (const [definition, suspicion] of carrying) {
    const { found, isOpaque } = owns.get(definition) ?? nothing;
    const standsHere = isOpaque && suspicion.kind !== "source";
    if (standsHere && definition.valueSpan !== null) {
      hidden.push(definition.valueSpan);
      secrets.hide(definition.text ?? "");
    }
    if (definition.stage === null) continue;
    const { kind, name, span, reach } = definition;
    const user = userOf(definition);
    const isOpaqueOnly = standsHere && kind === "env";
    variables.push({
      kind,
      name,
      span,
      reach,
      suspicion,
      token: found?.token ?? null,
      confidence: found?.confidence ?? (isOpaqueOnly ? "low" : "high"),
      isOpaque: isOpaqueOnly,
      emptiedLater: emptiedLater(definition),
      usedBy: user === undefined ? null : quotedRun(user),
      origin: originOf(definition, carrying),
      isMounted: isMounted(definition),
    });
  }
  return { variables, hidden, carrying };
}
