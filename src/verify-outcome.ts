/**
 * The use case of `--verify`: asks about every token of an outcome that may be asked about, one after another, each once,
 * in the order of the findings. Opens connections to the one hub that is named; prints nothing.
 */

import { askHub, HUB_URL, unknownFor, withVerifications, type Asked } from "./gate/verify.ts";
import { createHubFetch, type HubFetchOptions } from "./hub-fetch.ts";
import { urlMistake } from "./registry/address.ts";
import type { TokenFacts, Verification } from "./model/finding.ts";
import type { Outcome } from "./model/report.ts";
import type { Secrets } from "./token/secrets.ts";

/** How to verify. */
export interface VerifyOptions extends Omit<HubFetchOptions, "hide"> {
  /** Scheme, host and path of the hub, without a slash at its end; Hugging Face's own unless given. */
  readonly hubUrl?: string;
}

/** Why a text is no hub's URL, in words that do not repeat it; null when it is one. */
export function hubUrlMistake(text: string): string | null {
  const mistake = urlMistake(text, false);
  if (mistake === "is plain http") return "is plain http, and not on this machine";
  if (mistake !== null) return mistake;
  // It stands in a command that people copy into a shell.
  return /^https?:\/\/[A-Za-z0-9._~:/[\]-]+$/i.test(text) ? null : "has characters that no hub's address needs";
}

const NOT_SENT = "a token of this kind is not sent anywhere";
const PUBLIC = "it is no secret, and not asked about";

/** The outcome with a verification in every finding that has a token; `secrets` is the holder of the run that found them. */
export async function verifyOutcome(outcome: Outcome, secrets: Secrets, options: VerifyOptions): Promise<Outcome> {
  const { hubUrl = HUB_URL } = options;
  const hide = (secret: string): void => secrets.hide(secret);
  const asking = {
    hubUrl,
    fetch: createHubFetch(hubUrl, { ...options, hide }),
    redact: (text: string) => secrets.redact(text),
  };
  const answers = new Map<string, Verification>();
  let stopped: string | null = null;
  for (const { sha256, known } of outcome.findings.flatMap(({ token }): TokenFacts[] =>
    token === null ? [] : [token],
  )) {
    if (answers.has(sha256)) continue;
    const asked: Asked | null = await secrets.lend(sha256, async (token) =>
      stopped === null
        ? askHub(token, asking)
        : { verification: unknownFor(`not asked, after this: ${stopped}`), mayGoOn: false },
    );
    const verification = asked?.verification ?? unknownFor(known === null ? NOT_SENT : PUBLIC);
    if (asked !== null && !asked.mayGoOn) stopped ??= verification.reason;
    answers.set(sha256, verification);
  }
  return withVerifications(outcome, answers);
}
