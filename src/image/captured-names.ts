/** Which files are worth reading as a whole, by name: those whose place says what they hold. Decides nothing else. */

/** File names of token files and credential stores, wherever they lie. */
export const CAPTURED_NAMES: readonly string[] = [
  "token",
  "stored_tokens",
  ".git-credentials",
  "credentials",
  ".netrc",
  "_netrc",
  "config",
  ".gitconfig",
  "gitconfig",
  "config.json",
  ".dockercfg",
  "auth.json",
];

const BYTES: readonly Uint8Array[] = CAPTURED_NAMES.map((name) => Buffer.from(name));
/** By first byte, whether any of the names begins with it. */
const FIRST: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  BYTES.some(([first]) => first === byte) ? 1 : 0,
);

const PATHS =
  /(?:\/token|\/stored_tokens|\/\.git-credentials|\/git\/credentials|\/[._]netrc|\/\.git\/(?:modules\/.+\/)?config|\/\.gitconfig|\/etc\/gitconfig|\/git\/config|\/\.docker\/config\.json|\/\.dockercfg|\/containers\/auth\.json)$/;

/** A first, cheap test of a file's name, which stands in `[from, to)`. */
export function mayBeCaptured(bytes: Uint8Array, from: number, to: number): boolean {
  if (FIRST[bytes[from] ?? 0] !== 1) return false;
  return BYTES.some((name) => name.length === to - from && name.every((byte, i) => bytes[from + i] === byte));
}

/** True for an absolute path whose content is kept. */
export function isCapturedPath(path: string): boolean {
  return PATHS.test(path);
}
