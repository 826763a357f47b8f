/** Turns build arguments of one calling file into build secrets, by the file's format. One line per format. Pure. */

import type { CallerFormat } from "../callers/kind.ts";
import { bakeHclSecrets, bakeJsonSecrets } from "./bake-secrets.ts";
import type { CallerReading, MendedCaller } from "./caller-pass.ts";
import { composeSecrets } from "./compose-secrets.ts";
import { optionSecrets } from "./option-secrets.ts";
import { workflowSecrets } from "./workflow-secrets.ts";

function workflow(reading: CallerReading): MendedCaller {
  const inputs = workflowSecrets(reading);
  const options = optionSecrets(reading);
  return { edits: [...inputs.edits, ...options.edits], done: [...inputs.done, ...options.done] };
}

const FORMATS: Readonly<Record<CallerFormat, (reading: CallerReading) => MendedCaller>> = {
  compose: composeSecrets,
  "bake-hcl": bakeHclSecrets,
  "bake-json": bakeJsonSecrets,
  github: workflow,
  ci: optionSecrets,
  makefile: optionSecrets,
  shell: optionSecrets,
  package: optionSecrets,
};

/** The edits of a calling file for the passes that are wanted; those that are not certain are left out of `done`. */
export function mendCaller(reading: CallerReading): MendedCaller {
  const { edits, done } = FORMATS[reading.format](reading);
  // One stretch may be handed to several builds; then all of them are meant.
  const spans = new Set(done.map(({ span }) => span.start));
  const once = new Map(edits.map((edit) => [`${edit.from} ${edit.to} ${edit.text}`, edit]));
  return {
    edits: [...once.values()],
    done: reading.wanted.map(({ pass }) => pass).filter(({ span }) => spans.has(span.start)),
  };
}
