/**
 * Reads the calling files of a project, each once: its facts serve the search for the Dockerfiles that it names and the
 * judgement. A file that the engine fails on is kept as its error, and never costs the others.
 */

import { dirname, join } from "node:path";
import type { OpenedCaller } from "../lint-caller.ts";
import type { Secrets } from "../token/secrets.ts";
import type { ProjectText } from "./project-text.ts";
import { readTextFile } from "./read-text.ts";

/** A calling file that was read, or the error that reading it ended in. */
export type Opening =
  | { readonly ok: true; readonly opened: OpenedCaller }
  | { readonly ok: false; readonly error: unknown };

/** The text of a file that lies beside a calling file; null when there is none that can be read. */
function readBeside({ path }: ProjectText, name: string): string | null {
  const result = path === null ? null : readTextFile(join(dirname(path), name));
  return result?.ok === true ? result.text : null;
}

/** Reads every text that calls a build; loads the engine only when there is one. */
export async function openCallers(
  texts: readonly ProjectText[],
  { tokenVariables = [], secrets }: { readonly tokenVariables?: readonly string[]; readonly secrets?: Secrets },
): Promise<ReadonlyMap<ProjectText, Opening>> {
  const openings = new Map<ProjectText, Opening>();
  if (texts.every(({ format }) => format === null)) return openings;
  const { openCaller } = await import("../lint-caller.ts");
  for (const text of texts) {
    if (text.format === null) continue;
    try {
      const beside = (name: string): string | null => readBeside(text, name);
      const opened = openCaller(text.shown, text.text, text.format, { tokenVariables, all: secrets ?? null, beside });
      openings.set(text, { ok: true, opened });
    } catch (error) {
      openings.set(text, { ok: false, error });
    }
  }
  return openings;
}
