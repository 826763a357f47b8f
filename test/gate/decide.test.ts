import { describe, expect, test } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { ACCEPTABLE_GAPS, GAP_KINDS, type GapKind } from "../../src/model/gap.ts";
import type { Outcome } from "../../src/model/report.ts";
import { IMAGE } from "../support/sample-report.ts";

const DOCKERFILE = { kind: "dockerfile", name: "Dockerfile" } as const;

function outcome(given: Partial<Outcome>): Outcome {
  return { subjects: [DOCKERFILE, IMAGE], findings: [], gaps: [], ...given };
}

/** The verdict on one gap of a kind that the policy accepts. */
function verdictOf(why: GapKind, given: Partial<Outcome> = {}): string {
  const gaps = [{ at: "app.tar", why, detail: "it could not be read" }];
  return decide(outcome({ gaps, ...given }), { failOn: "error", acceptedGaps: GAP_KINDS }).verdict;
}

describe("accepted gaps speak of parts of what was looked at", () => {
  test.each(ACCEPTABLE_GAPS)("%s is let through", (why) => {
    expect(verdictOf(why)).toBe("pass");
  });

  test.each(GAP_KINDS.filter((why) => !ACCEPTABLE_GAPS.includes(why)))("%s is of the run and never is", (why) => {
    expect(verdictOf(why)).toBe("unknown");
  });

  test("none where nothing was looked at, or not what the run was for", () => {
    expect(verdictOf("missing", { subjects: [] })).toBe("unknown");
    expect(verdictOf("missing", { subjects: [DOCKERFILE] })).toBe("pass");
    expect(verdictOf("missing", { subjects: [DOCKERFILE], needs: "image" })).toBe("unknown");
    expect(verdictOf("missing", { subjects: [IMAGE], needs: "image" })).toBe("pass");
  });
});
