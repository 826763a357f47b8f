/**
 * Asks Hugging Face whether a token is live, through `whoAmI` of @huggingface/hub and a `fetch` that is handed in, and puts
 * the answers into findings. The only importer of the hub client, and only when it is asked for. A token goes from the
 * caller into that one request and nowhere else; only a refusal of the token itself makes it invalid.
 */

import { canWrite, type Finding, type Verification } from "../model/finding.ts";
import type { Outcome } from "../model/report.ts";
import { readWhoami, type Whoami } from "./read-whoami.ts";

/** Hugging Face's own address. */
export const HUB_URL: string = "https://huggingface.co";

/** Why no answer about a token came, in words; thrown by the `fetch` of an asking. */
export class HubSilence extends Error {
  /** True when the next token may well get an answer. */
  readonly mayGoOn: boolean;

  constructor(reason: string, mayGoOn: boolean) {
    super(reason);
    this.name = "HubSilence";
    this.mayGoOn = mayGoOn;
  }
}

/** How to ask. */
export interface Asking {
  /** Scheme, host and path, without a slash at its end. */
  readonly hubUrl: string;
  readonly fetch: typeof fetch;
  /** Masks what is known to be secret. */
  readonly redact: (text: string) => string;
}

/** An answer about one token, and whether to ask about the next. */
export interface Asked {
  readonly verification: Verification;
  readonly mayGoOn: boolean;
}

/** The verification of a token that nothing is known about. */
export function unknownFor(reason: string): Verification {
  return {
    state: "unknown",
    reason,
    role: null,
    name: null,
    scopes: [],
    organizations: [],
    advice: null,
    revoke: null,
  };
}

const INVALID: Verification = {
  ...unknownFor(""),
  state: "invalid",
  reason: null,
  advice: "It needs no revoking, but mend the build all the same: the next token would leak the same way.",
};

const ROTATE = "make the new token first, put it where the old one is used, then revoke the old one.";

/** What to do about a live token; it follows from what the token can do. */
function adviceFor({ role, organizations }: Whoami, writes: boolean): string {
  const team =
    organizations.length === 0 ? "" : " For a team make one that is limited to the organisation's own repositories.";
  if (role === "fineGrained") {
    const scopes = writes
      ? "it can write. Where the build only downloads, give the next one no more than repo.content.read"
      : "its scopes say what it opens. Give the next one only the repositories that the build needs";
    return `Revoke it now: ${scopes}; ${ROTATE}${team}`;
  }
  if (!writes) {
    return `Revoke it now: it reads all that its owner can read, private and gated repositories too. A fine-grained token that reads only what the build needs leaks less; ${ROTATE}${team}`;
  }
  return `Revoke it now: it can change and delete all that its owner can. A read token suffices for a build that only downloads, a fine-grained one is better still; ${ROTATE}${team}`;
}

function liveFor(whoami: Whoami, { hubUrl, redact }: Asking): Verification {
  const live = { ...unknownFor(""), ...whoami, state: "live", reason: null } as const;
  return {
    ...live,
    advice: adviceFor(whoami, canWrite(live)),
    revoke: `curl -X POST ${redact(hubUrl)}/api/credentials/revoke -H 'Content-Type: application/json' -d '{"credentials": ["<the token>"]}'`,
  };
}

/** Asks about one token. Never throws for what the other side does or fails to do. */
export async function askHub(token: string, asking: Asking): Promise<Asked> {
  const { hubUrl, fetch, redact } = asking;
  const { HubApiError, whoAmI } = await import("@huggingface/hub");
  try {
    const whoami = readWhoami(await whoAmI({ accessToken: token, hubUrl, fetch }), token, redact);
    const odd = "the answer is not one of Hugging Face's";
    return { verification: whoami === null ? unknownFor(odd) : liveFor(whoami, asking), mayGoOn: true };
  } catch (error) {
    if (error instanceof HubApiError && error.statusCode === 401) return { verification: INVALID, mayGoOn: true };
    if (error instanceof HubSilence) {
      return { verification: unknownFor(redact(error.message)), mayGoOn: error.mayGoOn };
    }
    return { verification: unknownFor("the answer cannot be read"), mayGoOn: true };
  }
}

function sentenceFor({ state, role }: Verification): string {
  if (state === "live") return ` The token is live: Hugging Face accepts it, with the role ${role ?? "unknown"}.`;
  return state === "invalid" ? " The token no longer works: Hugging Face does not accept it." : "";
}

/**
 * The outcome with what was answered, by the SHA-256 of a token. The order and the levels of findings stay: how the token
 * got out does not depend on whether it still works, and the next one goes the same way.
 */
export function withVerifications(outcome: Outcome, answers: ReadonlyMap<string, Verification>): Outcome {
  const verified = (finding: Finding): Finding => {
    const verification = finding.token === null ? undefined : answers.get(finding.token.sha256);
    if (finding.token === null || verification === undefined) return finding;
    return {
      ...finding,
      // What Hugging Face accepts is a token, whatever its shape made one think.
      confidence: verification.state === "live" ? "high" : finding.confidence,
      message: `${finding.message}${sentenceFor(verification)}`,
      token: { ...finding.token, verification },
    };
  };
  return { ...outcome, findings: outcome.findings.map((finding) => verified(finding)) };
}
