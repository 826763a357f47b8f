/** How a token that was seen in the build context is told: its files, the lines for the ignore file, the places. */

import type { ContextFind } from "../../dockerfile/facts.ts";
import type { ContextLocation } from "../../model/location.ts";

/** Files that a sentence names; the others are counted. */
const MAX_NAMED = 3;
/** Files that are pointed at; a token in more is everywhere. */
const MAX_PLACES = 20;

function list(items: readonly string[], total: number): string {
  const named = items.slice(0, MAX_NAMED);
  if (total > named.length) return `${named.join(", ")} and ${total - named.length} more`;
  const last = named.at(-1) ?? "";
  return named.length < 2 ? last : `${named.slice(0, -1).join(", ")} and ${last}`;
}

/** The names of the files: `.env`, `a, b and c`, `a, b, c and 4 more`. */
export function filesOf({ files }: ContextFind): string {
  return list(
    files.map(({ shown }) => shown),
    files.length,
  );
}

/** A path as a line of an ignore file that means this path alone. */
function asPattern(path: string): string {
  return path.replaceAll(/[\\*?[]|^[!#]/g, "\\$&");
}

/** True for a source that is the file itself: a copy of it fails when the file is left out. */
function isFile(source: string, [first, ...others]: ContextFind["files"]): boolean {
  return others.length === 0 && first?.path === source.replace(/^(?:\.?\/)+/, "");
}

/** What to do: the lines that leave the files out, and to revoke a token that is one. */
export function leaveOut(
  { files, token, ignoreFile }: ContextFind,
  { keyword, source }: { readonly keyword: string; readonly source: string },
): string {
  const lines = list(
    files.map(({ path }) => `\`${asPattern(path)}\``),
    files.length,
  );
  const named = isFile(source, files)
    ? `Take ${source} out of this ${keyword} (a build gets a token as a secret, a container when it starts), and put`
    : "Put";
  const one = `${named} the line${files.length === 1 ? "" : "s"} ${lines} at the end of ${ignoreFile}`;
  if (token !== null && token.known !== null) return `${one}.`;
  return `${one}, and revoke the token if an image was built from this folder before: it is in there.`;
}

/** The files as places to look at. */
export function placesOf({ files, token }: ContextFind): ContextLocation[] {
  const text = token === null ? "a token file of a Hugging Face client" : "the token stands here";
  return files.slice(0, MAX_PLACES).map(({ shown, byteOffset, line }) => {
    return { role: "related", text, in: "context", path: shown, byteOffset, line };
  });
}
