import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPolicy } from "../../src/gate/apply-policy.ts";
import { decide } from "../../src/gate/decide.ts";
import { mergeSettings, type AcceptEntry, type BaselineEntry, type Settings } from "../../src/gate/settings.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Outcome } from "../../src/model/report.ts";
import { finding, IMAGE, source } from "../support/sample-report.ts";

const TODAY = "2026-11-24";
const ORIGIN = { from: "file", path: ".hullcheck.yaml", line: 3, column: 5 } as const;

const OFF = { value: "off", origin: { from: "command line" } } as const;

function accept(entry: Partial<AcceptEntry>): AcceptEntry {
  const nothing = { fingerprint: null, token: null, rule: null, path: null, expires: null, subject: null };
  return { ...nothing, reason: "agreed", origin: ORIGIN, ...entry };
}

function known(fingerprint: string, entry: Partial<BaselineEntry> = {}): BaselineEntry {
  const fixed = {
    rule: "login-in-build",
    path: "Dockerfile",
    reason: null,
    expires: null,
    subject: "project",
  } as const;
  return { fingerprint, ...fixed, origin: { ...ORIGIN, path: "known.json" }, ...entry };
}

function settings(given: Partial<Settings>): Settings {
  const nothing = { levels: {}, limits: {} };
  const plain = { file: null, typed: nothing, baseline: null, folder: "/p", cwd: "/p", paths: ["."] };
  return { ...mergeSettings(plain), ...given };
}

function at(path: string, given: Partial<Finding> = {}): Finding {
  return finding({ locations: [source("1:1-1:4", null, { path })], ...given });
}

function outcomeOf(findings: readonly Finding[], given: Partial<Outcome> = {}): Outcome {
  return { subjects: [{ kind: "dockerfile", name: "Dockerfile" }], findings, gaps: [], ...given };
}

function notes(outcome: Outcome): readonly string[] {
  return outcome.findings.filter(({ rule }) => rule === "accept-without-effect").map(({ message }) => message);
}

describe("patterns start from the config's folder, wherever the run starts", () => {
  test.each([
    ["/p", "/p", "api/Dockerfile"],
    ["/p", "/p/api", "Dockerfile"],
    ["/p", "/p/web", "../api/Dockerfile"],
    ["/p", "/", "p/api/Dockerfile"],
    ["/p", "/elsewhere", "/p/api/Dockerfile"],
  ])("config in %s, run in %s: %s", (folder, cwd, path) => {
    const entry = accept({ rule: "login-in-build", path: "api/Dockerfile", subject: "project" });
    const result = applyPolicy(outcomeOf([at(path)]), settings({ accept: [entry], folder, cwd }), TODAY);
    expect(result.findings).toMatchObject([{ suppressed: { by: "policy", reason: "agreed" } }]);
  });
});

describe("an entry that matches nothing is a note when all it can be about was looked at", () => {
  const image = accept({ rule: "token-in-layer", path: "/root", subject: "image" });
  const project = accept({ rule: "login-in-build", path: "api/**", subject: "project" });
  const any = accept({ fingerprint: "a".repeat(64) });
  test.each<[string, AcceptEntry, Partial<Settings>, Partial<Outcome>, boolean]>([
    ["a file below what was linted", project, { paths: ["."] }, {}, true],
    ["the very folder", project, { paths: ["api"] }, {}, true],
    ["a folder beside it", project, { paths: ["web", "apis"] }, {}, false],
    ["a folder within it", project, { paths: ["api/x"] }, {}, false],
    ["from a folder further in, linted upwards", project, { paths: [".."], cwd: "/p/web" }, {}, true],
    ["only standard input", project, { paths: ["-"] }, {}, false],
    ["nothing was linted", project, { paths: null }, { subjects: [IMAGE] }, false],
    ["an image's, with an image", image, { paths: null }, { subjects: [IMAGE] }, true],
    ["an image's, without one", image, {}, {}, false],
    ["anything's, with both", any, {}, { subjects: [IMAGE] }, true],
    ["anything's, with an image and a part", any, { paths: ["api"] }, { subjects: [IMAGE] }, false],
    ["anything's, without an image", any, {}, {}, false],
    ["of a rule that is off", project, { levels: { "login-in-build": OFF } }, {}, false],
    ["beside another rule that is off", project, { levels: { "token-literal": OFF } }, {}, true],
    ["anything's, with a rule that is off", any, { levels: { "token-literal": OFF } }, { subjects: [IMAGE] }, false],
    ["beside a gap", project, {}, { gaps: [{ at: "x", why: "empty", detail: "x" }] }, false],
  ])("%s", (_, entry, given, outcome, expected) => {
    const result = applyPolicy(outcomeOf([], outcome), settings({ accept: [entry], ...given }), TODAY);
    expect(notes(result)).toHaveLength(expected ? 1 : 0);
  });
});

test("an entry matches the first place of a finding, not those that explain it", () => {
  const related = source("1:1-1:4", null, { path: "b/Dockerfile", role: "related" });
  const entry = accept({ rule: "login-in-build", path: "b", subject: "project" });
  const two = finding({ locations: [source("1:1-1:4", null, { path: "a/Dockerfile" }), related] });
  expect(applyPolicy(outcomeOf([two]), settings({ accept: [entry] }), TODAY).findings[0]?.suppressed).toBeNull();
});

test("what a baseline says of an image counts when that very image was inspected, whatever its tag", () => {
  const entry = known("a", { rule: "token-in-layer", path: "api /srv/x", subject: "image" });
  const said = (name: string): number =>
    notes(
      applyPolicy(
        outcomeOf([], { subjects: [{ ...IMAGE, name }] }),
        settings({ baseline: { path: "known.json", entries: [entry] } }),
        TODAY,
      ),
    ).length;
  expect(["api:2", "api", `api@sha256:${"0".repeat(64)}`, "web:1", "api-web"].map(said)).toEqual([1, 1, 1, 0, 0]);
});

test("of many entries without effect in a baseline, one note names the first places", () => {
  const entries = Array.from({ length: 50 }, (_, i) => known(String(i), { origin: { ...ORIGIN, line: i + 1 } }));
  const result = applyPolicy(outcomeOf([]), settings({ baseline: { path: "known.json", entries } }), TODAY);
  expect(notes(result)).toEqual(["50 entries of the baseline can be removed: what stood there is fixed."]);
  expect(result.findings[0]?.locations).toHaveLength(20);
});

test("an outcome without config and baseline stays as it is", () => {
  const outcome = outcomeOf([at("Dockerfile")], { remarks: ["said"] });
  expect(applyPolicy(outcome, settings({}), TODAY)).toEqual(outcome);
});

test("whatever is let through, every finding stays, each gap counts, and only what an entry names is suppressed", () => {
  const fingerprint = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const date = fc.constantFrom(null, "2026-11-23", TODAY, "2026-11-25");
  fc.assert(
    fc.property(
      fc.uniqueArray(fingerprint),
      fc.array(fc.tuple(fingerprint, date)),
      fc.uniqueArray(fc.tuple(fingerprint, date), { selector: ([hash]) => hash }),
      fc.boolean(),
      (present, accepted, baseline, hasGap) => {
        const gaps = hasGap ? [{ at: "x", why: "empty", detail: "x" } as const] : [];
        const before = outcomeOf(
          present.map((hash) => at("Dockerfile", { fingerprint: hash })),
          { gaps },
        );
        const after = applyPolicy(
          before,
          settings({
            accept: accepted.map(([hash, expires]) => accept({ fingerprint: hash, expires })),
            baseline: { path: "known.json", entries: baseline.map(([hash, expires]) => known(hash, { expires })) },
          }),
          TODAY,
        );
        const counts = new Set(
          [...accepted, ...baseline].flatMap(([hash, end]) => (end !== null && end < TODAY ? [] : [hash])),
        );
        expect(
          after.findings.slice(0, present.length).map((item) => [item.fingerprint, item.suppressed === null]),
        ).toEqual(present.map((hash) => [hash, !counts.has(hash)]));
        expect(after.gaps).toEqual(gaps);
        expect(hasGap && decide(after).verdict === "pass").toBe(false);
      },
    ),
  );
});
