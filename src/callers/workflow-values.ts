/** What names come to in a workflow or an action, as far as its file says: `env`, and inputs that nobody gives. Reads no steps. */

import { textsOf, valuesOf, valuesWithin, type KnownValues, type Values } from "./known-value.ts";
import { PROJECT_FOLDER } from "./project-folder.ts";
import type { Syntax } from "./reference.ts";
import { wordingOf } from "./wording.ts";
import { itemsOf, pairsOf, textOf, valueOf, type YamlNode } from "./yaml-file.ts";

const SYNTAXES: readonly Syntax[] = ["expression"];

/** The texts that a value may come to; null where there is none. */
export function textsIn(text: string | null, values: KnownValues): readonly string[] | null {
  return text === null ? null : textsOf(wordingOf(text, SYNTAXES), values);
}

/** What an `env` gives names, for the shell and for expressions. */
export function withValues(node: YamlNode | null, before: KnownValues): KnownValues {
  const own = new Map<string, Values>();
  for (const { key, value } of pairsOf(node)) {
    const values = valuesOf(wordingOf(textOf(value) ?? "", SYNTAXES), before);
    own.set(key, values).set(`env.${key.toLowerCase()}`, values);
  }
  return own.size === 0 ? before : valuesWithin(own, before);
}

/** What inputs come to when nobody gives them: their defaults, or one of their options. */
export function inputValues(root: YamlNode): KnownValues {
  const events = valueOf(root, "on");
  const places = [root, valueOf(events, "workflow_call"), valueOf(events, "workflow_dispatch")];
  const own = new Map<string, Values>();
  for (const { key, value } of places.flatMap((place) => pairsOf(valueOf(place, "inputs")))) {
    const options = itemsOf(valueOf(value, "options"));
    const said = [valueOf(value, "default"), ...options].flatMap((node) => textsIn(textOf(node), PROJECT_FOLDER) ?? []);
    const values: Values = [...(own.get(`inputs.${key.toLowerCase()}`) ?? []), ...said, null];
    own.set(`inputs.${key.toLowerCase()}`, values).set(`github.event.inputs.${key.toLowerCase()}`, values);
  }
  return valuesWithin(own, PROJECT_FOLDER);
}
