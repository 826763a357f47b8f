/** Which variable names say that the value is a Hugging Face token. Names only seed the search; the flow decides. */

const OWNER = /^(?:HF|HUGGINGFACE(?:HUB)?)$/;
const KIND = /^(?:TOKENS?|TKN|KEY|PAT|AUTH|SECRET|CREDENTIALS?)$/;
const COMPOUND =
  /^(?:HF|HUGGINGFACE(?:HUB)?)(?:HUB|API|ACCESS|USER|AUTH|READ|WRITE)*(?:TOKEN|TKN|KEY|APIKEY|PAT|SECRET)$/;
/** A name that ends like this tells about a token (where it is, how long), it does not hold one. */
const ABOUT =
  /^(?:PATH|FILE|FILENAME|DIR|FOLDER|URL|URI|ENDPOINT|TYPE|NAME|NAMES|LEN|LENGTH|COUNT|HOME|CACHE|ID|VERSION|VAR|ENV|HASH|SHA256|DIGEST|ARN|REF|PREFIX|REGEX|PATTERN|LIMIT|SIZE|TTL|EXPIRY|REQUIRED|ENABLED|SET|PUBLIC)$/;
/** Any of these parts makes the name a switch, or a thing of tokenizers. */
const OTHER = /^(?:TOKENIZERS?|TOKENIZATION|TOKENS|DISABLE|ENABLE|USE|HAS|IS|REQUIRE|SKIP|MAX|MIN|NUM)$/;

/** What every name of a token has, and few others do. */
const NAMES_OWNER = /hf|hugg/i;

/** Says of the name of a variable whether it holds a Hugging Face token. */
export type TokenNames = (name: string) => boolean;

/** `HfToken`, `hf-token`, `HF_TOKEN` and `HFToken` into their words, in capitals. */
function words(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toUpperCase()
    .replaceAll("HUGGING_FACE", "HUGGINGFACE")
    .replaceAll("HUGGING-FACE", "HUGGINGFACE")
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== "");
}

/**
 * True when a variable of this name holds a Hugging Face token: `HF_TOKEN`, `HUGGINGFACEHUB_API_TOKEN`, `HFTOKEN`,
 * `RUNPOD_HF_TOKEN`, `hfToken`; false for `HF_TOKEN_PATH`, `HF_TOKENIZER`, `TOKENIZERS_PARALLELISM`,
 * `HF_HUB_DISABLE_IMPLICIT_TOKEN`.
 */
export function isTokenName(name: string): boolean {
  if (!NAMES_OWNER.test(name)) return false;
  const parts = words(name);
  const last = parts.at(-1);
  if (last === undefined || ABOUT.test(last) || parts.some((part) => OTHER.test(part))) return false;
  if (parts.some((part) => COMPOUND.test(part))) return true;
  return parts.some((part) => OWNER.test(part)) && parts.some((part) => KIND.test(part));
}
