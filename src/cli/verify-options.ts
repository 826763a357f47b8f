/**
 * The options that make a run ask Hugging Face about the tokens it found. They exist on the command line alone: what a pull
 * request can change, and variables of the environment, neither ask nor name whom to ask.
 */

import type { Command } from "commander";
import { HullcheckError } from "../model/errors.ts";
import type { Outcome } from "../model/report.ts";
import type { Secrets } from "../token/secrets.ts";
import type { Io } from "./io.ts";

/** What the parser gives for these options. */
export interface VerifyFlags {
  readonly verify?: boolean;
  readonly hubUrl?: string;
}

/** How a run asks, or does not. */
export interface Verifier {
  /** What the use case is given: the holder that learns the tokens of the run, where somebody asks. */
  readonly options: { readonly secrets?: Secrets };
  /** The outcome with the answers in it. */
  readonly verify: (outcome: Outcome) => Promise<Outcome>;
}

/** Adds the options. */
export function addVerifyOptions(command: Command): Command {
  return command
    .option("--verify", "ask Hugging Face whether each token found still works, and what it may do")
    .option("--hub-url <url>", "with --verify: the hub to ask instead of https://huggingface.co");
}

/** The verifier that the options ask for; throws a usage error before anything is read. */
export async function createVerifier({ verify, hubUrl }: VerifyFlags, io: Io): Promise<Verifier> {
  if (verify !== true) {
    if (hubUrl === undefined) return { options: {}, verify: async (outcome) => outcome };
    throw new HullcheckError("usage", "--hub-url without --verify", { hint: "add --verify to ask that hub" });
  }
  const [{ hubUrlMistake, verifyOutcome }, holder] = await Promise.all([
    import("../verify-outcome.ts"),
    import("../token/secrets.ts"),
  ]);
  const mistake = hubUrl === undefined ? null : hubUrlMistake(hubUrl);
  if (mistake !== null) {
    throw new HullcheckError("usage", `the value of --hub-url ${mistake}`, {
      hint: "write for example --hub-url https://hub.example",
    });
  }
  const secrets = new holder.Secrets();
  const options = { environment: io.env, ...(hubUrl === undefined ? {} : { hubUrl: hubUrl.replace(/\/+$/, "") }) };
  return { options: { secrets }, verify: async (outcome) => verifyOutcome(outcome, secrets, options) };
}
