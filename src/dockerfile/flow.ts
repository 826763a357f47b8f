/**
 * Decides which ARG and ENV definitions carry a Hugging Face token: seeds are names, values and uses; from there the
 * value is followed backwards to where it comes from and forwards to whatever takes it. Pure; linear in the number of
 * definitions and of the ways between them.
 */

import type { Step, Suspicion } from "./facts.ts";
import type { Span } from "./mapped-text.ts";
import type { Definition } from "./scope.ts";

/** A use of a definition's value as a token, in a RUN. */
export interface DefinitionUse {
  readonly definition: Definition;
  readonly step: Step;
}

interface Reason {
  readonly suspicion: Suspicion;
  /** Whether the value can be there at all: given from outside, or standing in the file. */
  readonly carries: boolean;
}

/** What the flow needs to know of a definition's own text. */
export interface OwnValue {
  /** A token stands in it. */
  readonly isToken: boolean;
  /** It is of unknown shape, but no placeholder. */
  readonly isOpaque: boolean;
}

/** Where a definition stands, as the first step of a way that leads from it. */
export function declared(definition: Definition): Step {
  return {
    span: definition.span,
    text: `${definition.kind === "arg" ? "ARG" : "ENV"} ${definition.name} is declared here`,
  };
}

function use(definition: Definition, target: Definition, span: Span): Step {
  const name = target.name === definition.name ? `the next ${target.name}` : target.name;
  return { span, text: `${definition.name} becomes ${name} here` };
}

/** The definitions whose values a definition is, as a whole. */
function wholeSources(definition: Definition): readonly Definition[] {
  return definition.sources.flatMap((source) => (source.isWhole ? [source.definition] : []));
}

/**
 * The definitions that carry a token, with the reason for each. `ownOf` tells about the text that stands in the file,
 * `isTokenName` about names.
 */
export function carriers(
  definitions: readonly Definition[],
  uses: readonly DefinitionUse[],
  ownOf: (definition: Definition) => OwnValue,
  isTokenName: (name: string) => boolean,
): Map<Definition, Suspicion> {
  const suspected = new Map<Definition, Suspicion>();
  const todo: Definition[] = [];
  const suspect = (definition: Definition, suspicion: Suspicion): void => {
    if (suspected.has(definition)) return;
    suspected.set(definition, suspicion);
    todo.push(definition);
  };

  for (const definition of definitions) {
    if (ownOf(definition).isToken) suspect(definition, { kind: "value" });
    else if (isTokenName(definition.name)) suspect(definition, { kind: "name" });
  }
  for (const { definition, step } of uses) suspect(definition, { kind: "use", steps: [step] });
  // Backwards: what is handed on as a whole to a token's variable is a token.
  for (let target = todo.pop(); target !== undefined; target = todo.pop()) {
    for (const source of wholeSources(target)) {
      const span = target.sources.find(({ definition }) => definition === source)?.span ?? target.span;
      const before = suspected.get(target);
      const steps = before?.kind === "use" ? before.steps : [];
      suspect(source, { kind: "use", steps: [use(source, target, span), ...steps] });
    }
  }

  // Forwards, in the order of the file, since a definition only takes from earlier ones.
  const carrying = new Map<Definition, Suspicion>();
  for (const definition of definitions) {
    const reason = reasonFor(definition, suspected.get(definition), carrying, ownOf(definition));
    if (reason?.carries === true) carrying.set(definition, reason.suspicion);
  }
  return carrying;
}

function reasonFor(
  definition: Definition,
  suspicion: Suspicion | undefined,
  carrying: ReadonlyMap<Definition, Suspicion>,
  own: OwnValue,
): Reason | null {
  const source = definition.sources.find((item) => carrying.has(item.definition));
  const isGiven = definition.kind === "arg";
  if (suspicion?.kind === "value") return { suspicion, carries: true };
  if (source !== undefined && !isGiven) {
    const before = carrying.get(source.definition);
    const earlier = before?.kind === "source" ? before.steps : [declared(source.definition)];
    const steps = [...earlier, use(source.definition, definition, source.span)].slice(0, MAX_STEPS);
    return { suspicion: { kind: "source", steps }, carries: true };
  }
  if (source !== undefined && suspicion === undefined) {
    return { suspicion: { kind: "source", steps: [declared(source.definition)] }, carries: true };
  }
  return suspicion === undefined ? null : { suspicion, carries: isGiven || own.isOpaque };
}

/** Longer chains than any reader follows are cut. */
const MAX_STEPS = 12;
