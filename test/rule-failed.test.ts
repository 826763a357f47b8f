/** A rule that throws: a gap that names it, whatever it threw is not shown, and the other rules still speak. */

import { afterEach, describe, expect, test, vi } from "vitest";
import { decide } from "../src/gate/decide.ts";
import { lintCaller } from "../src/lint-caller.ts";
import { lintDockerfile } from "../src/lint.ts";
import type { Outcome } from "../src/model/report.ts";
import { CALLER_CHECKS } from "../src/rules/caller/index.ts";
import { DOCKERFILE_RULES } from "../src/rules/dockerfile/index.ts";
import { IMAGE_RULES } from "../src/rules/image/index.ts";
import { inspectLayers } from "./support/inspect-layers.ts";
import { fakeToken } from "./support/tokens.ts";

afterEach(() => void vi.restoreAllMocks());

const token = fakeToken();

function broken(): never {
  throw new TypeError(`no such thing: ${token}`);
}

/** What is left of an outcome; the verdict is that of the gaps alone. */
function left(outcome: Outcome): object {
  return {
    gaps: outcome.gaps.map(({ why, detail }) => `${why}: ${detail}`),
    rules: [...new Set(outcome.findings.map(({ rule }) => rule))].sort(),
    isTokenShown: JSON.stringify(outcome).includes(token),
    verdict: decide({ ...outcome, findings: [] }).verdict,
  };
}

function failed(id: string, what: string, rules: readonly string[]): object {
  const gap = `rule-failed: the rule ${id} failed on this ${what}; this is a bug of hullcheck, please report it`;
  return { gaps: [gap], rules, isTokenShown: false, verdict: "unknown" };
}

describe("a rule that throws", () => {
  test("on a Dockerfile", () => {
    const rule = DOCKERFILE_RULES.find(({ meta }) => meta.id === "token-in-environment");
    if (rule === undefined) throw new Error("no such rule");
    vi.spyOn(rule, "check").mockImplementation(broken);
    const text = `FROM alpine\nARG HF_TOKEN\nENV A=$HF_TOKEN\nLABEL a=${token}\n`;
    const others = ["token-in-build-argument", "token-literal"];
    expect(left(lintDockerfile(text))).toEqual(failed("token-in-environment", "file", others));
  });

  test("on an image", async () => {
    const rule = IMAGE_RULES.find(({ meta }) => meta.id === "token-file-in-layer");
    if (rule === undefined) throw new Error("no such rule");
    vi.spyOn(rule, "check").mockImplementation(broken);
    const outcome = await inspectLayers([
      [
        { name: "root/.cache/huggingface/token", content: token },
        { name: "srv/settings", content: fakeToken("user", 2) },
      ],
    ]);
    expect(left(outcome)).toEqual(failed("token-file-in-layer", "image", ["token-in-layer"]));
  });

  test("on a file that calls a build", () => {
    const failing = CALLER_CHECKS.find(({ id }) => id === "token-passed-as-build-argument");
    if (failing === undefined) throw new Error("no such rule");
    vi.spyOn(failing, "check").mockImplementation(broken);
    const text = `x-note: ${token}\nservices:\n  a:\n    build:\n      args:\n        HF_TOKEN: ${fakeToken("user", 2)}\n`;
    const wanted = failed("token-passed-as-build-argument", "file", ["token-literal"]);
    expect(left(lintCaller("compose.yaml", text))).toEqual(wanted);
  });
});
