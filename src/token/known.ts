/** Tokens that are public on purpose, or long known: test fixtures of libraries and scanners. Held as hashes only. */

const CI = "a token of Hugging Face's own CI, public on purpose";
const SAMPLE = "a sample in the source of a secret scanner, public on purpose";
const TAPE = "an old token in the public test data of a Hugging Face library";

const KNOWN = new Map<string, string>([
  ["5de261506c0ff857", CI],
  ["33561ab10421f982", CI],
  ["791939be7ef91ab5", CI],
  ["8402086a0212922e", CI],
  ["8289a910dc55be1e", CI],
  ["6744f5c8883c3f15", TAPE],
  ["58a48887388abbc9", TAPE],
  ["1badaf9f6aed481f", TAPE],
  ["f6d0239c5fd0dca9", "a token in gradio's public test files"],
  ...[
    "6138154515e78477 4ac12ef8818eb2e4 e900795ab9da7698 154dd2c96ce8b853 5dce729d6b18c991 7b6a4894cb5d6c1f",
    "94a8fff39827d543 cbc29b62f7450918 05ad3f572cd73432 9fb3ff5153cfb832 5622b4f887153136 387f7df5e5c37075",
    "5cf660d3fed1f7a6 8ba954a7e3d6cf08 1664784656d9c549 1c87b2a4012280f3 4532e36ce14697ff 2f316df1deeeb313",
    "c06ec6c683605b80 8a8e0ed7bbd612ff dae247d1e95abe9f c308a706a13f323a 70cdd8c3c6cff167 17b4d30740d87ba8",
    "57cfebb1c2a238fc b0a1143493790143 250ba06a84ded3f1",
  ]
    .join(" ")
    .split(" ")
    .map((hash): [string, string] => [hash, SAMPLE]),
]);

/** Why the token with this SHA-256 (64 hex digits) is public on purpose; null when it is not known to be. */
export function whyPublic(sha256: string): string | null {
  return KNOWN.get(sha256.slice(0, 16)) ?? null;
}
