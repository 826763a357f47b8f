/**
 * Tells in-toto statements by what they say and not by who names them: provenance and SBOMs of BuildKit and cosign, also
 * inside of a signed envelope. Formats: in-toto Attestation Framework, `Statement` v0.1 and v1; DSSE; Sigstore bundles.
 */

import { field, items, text } from "./json-document.ts";

const STATEMENT = "https://in-toto.io/Statement/";

function isEnvelope(value: unknown): boolean {
  return /in-toto/.test(text(field(value, "payloadType")) ?? "");
}

/** True for a statement, and for an envelope or bundle that holds one. */
export function isStatement(value: unknown): boolean {
  const isPlain = text(field(value, "_type"))?.startsWith(STATEMENT) === true;
  return isPlain || isEnvelope(value) || isEnvelope(field(value, "dsseEnvelope"));
}

/** The digests (`sha256:…`) of what a plain statement says it is about; none for an envelope. */
export function subjectsOf(value: unknown): string[] {
  return items(field(value, "subject")).flatMap((subject) => {
    const hex = text(field(subject, "digest", "sha256"));
    return hex === null ? [] : [`sha256:${hex}`];
  });
}
