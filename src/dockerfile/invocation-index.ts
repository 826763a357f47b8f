/** What stands where among the commands of a script: who runs inside of whom, pipes, substitutions, functions. */

import type { Invocation } from "./invocation.ts";
import type { MappedText } from "./mapped-text.ts";

/** Look-ups over the commands of a script. */
export interface InvocationIndex {
  /** What the script that a command is given runs. */
  readonly childrenOf: (invocation: Invocation) => readonly Invocation[];
  /** True when another command of its pipeline reads what this one prints. */
  readonly isPiped: (invocation: Invocation) => boolean;
  /** The commands of the substitution at an offset of a script. */
  readonly inSubstitution: (script: MappedText, at: number) => readonly Invocation[];
  /** The body of a function; undefined for any other name. */
  readonly functionOf: (name: string) => readonly Invocation[] | undefined;
}

function add<K>(map: Map<K, Invocation[]>, key: K, value: Invocation): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Goes through the commands once. */
export function indexInvocations(invocations: readonly Invocation[]): InvocationIndex {
  const children = new Map<Invocation, Invocation[]>();
  const functions = new Map<string, Invocation[]>();
  const substitutions = new Map<MappedText, Map<number, Invocation[]>>();
  const pipelines = new Map<MappedText, Map<number, number>>();
  for (const invocation of invocations) {
    const { parent, command } = invocation;
    const { script, within, inFunction, pipeline, pipeIndex } = command;
    if (pipeIndex > 0) {
      const last = pipelines.get(script) ?? new Map<number, number>();
      pipelines.set(script, last.set(pipeline, Math.max(pipeIndex, last.get(pipeline) ?? 0)));
    }
    if (parent !== null) add(children, parent, invocation);
    if (inFunction !== null) add(functions, inFunction, invocation);
    if (within === -1) continue;
    const own = substitutions.get(script) ?? new Map<number, Invocation[]>();
    add(own, within, invocation);
    substitutions.set(script, own);
  }
  return {
    childrenOf: (invocation) => children.get(invocation) ?? [],
    isPiped: ({ command: { script, pipeline, pipeIndex } }) => pipeIndex < (pipelines.get(script)?.get(pipeline) ?? 0),
    inSubstitution: (script, at) => substitutions.get(script)?.get(at) ?? [],
    functionOf: (name) => functions.get(name),
  };
}
