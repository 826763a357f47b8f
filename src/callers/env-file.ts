/** Reads a `.env` file as compose does: what it gives the names that a compose file takes in. Pure. */

import { lazyValues, type KnownValues, type Wording } from "./known-value.ts";
import { wordingOf } from "./wording.ts";

const LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,200})[ \t]*[=:](.{0,4096})$/gm;
const QUOTED = /^(["'])(.*?)\1[ \t]*(?:#.*)?$/;

function readValue(written: string): Wording {
  const [, quote, inner] = QUOTED.exec(written) ?? [];
  const text = inner ?? (written.startsWith("#") ? "" : (written.split(/[ \t]#/, 1)[0] ?? "").trim());
  return quote === "'" ? [text] : wordingOf(text, ["dollar"]);
}

/** The values in the text of such a file. The environment of whoever builds comes first, so that each may be another. */
export function envFileValues(text: string): KnownValues {
  const lines = [...text.matchAll(LINE)].map(([, name = "", value = ""]) => [name, [value.trim()]] as const);
  const said = lazyValues(new Map(lines), readValue);
  return { get: (name) => [...said.get(name), null] };
}
