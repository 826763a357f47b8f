/** The fix that a finding names: what it quotes of the Dockerfile has to be a command that works. */

import { describe, expect, test } from "vitest";
import { lintDockerfile } from "../../src/lint.ts";
import { dockerfileFixtures } from "../support/dockerfile-fixtures.ts";

/** The RUN that a fix tells to write; null when it tells of none. */
function runOf(fix: string): string | null {
  const [run] = /\bRUN --mount.*?(?= \(build with|; at run time|; or delete|\)\. A file|$)/s.exec(fix) ?? [];
  return run?.replaceAll(/<[^>]*>/g, "org/model") ?? null;
}

function fixes(run: string, before: string = ""): string[] {
  return lintDockerfile(`FROM python:3.12-slim\n${before}RUN ${run}\n`).findings.map(({ fix }) => fix ?? "");
}

const SECRET = "--mount=type=secret,id=hf";
const READ = "$(cat /run/secrets/hf)";
const INSTEAD = "Do not log in; give the token to the command that needs it: RUN ";
const EXAMPLE = `${INSTEAD}--mount=type=secret,id=hf,env=HF_TOKEN hf download <model>`;

describe("the RUN of a fix", () => {
  const quoted = dockerfileFixtures().flatMap(({ name, text }) => {
    const { findings, gaps } = lintDockerfile(text);
    const runs = gaps.length > 0 ? [] : findings.flatMap(({ fix }) => runOf(fix ?? "") ?? []);
    return [...new Set(runs)].map((run) => ({ name, run }));
  });

  test.each(quoted)("$name: $run", ({ run }) => {
    const { findings, gaps } = lintDockerfile(`FROM python:3.12-slim\n${run}\n`);
    expect(gaps).toEqual([]);
    expect(findings.filter(({ rule }) => rule === "login-in-build")).toEqual([]);
  });

  test("there are enough of them", () => {
    expect(quoted.length).toBeGreaterThan(100);
  });
});

describe("the fix for a login", () => {
  test.each([
    ["the only command of a nested shell", `${SECRET} bash -c 'T=${READ} && hf auth login --token "$T"'`, EXAMPLE],
    [
      "in a branch",
      `${SECRET} if [ -s /run/secrets/hf ]; then hf auth login --token ${READ}; fi && hf download m`,
      EXAMPLE,
    ],
    ["at the end of a branch's list", `${SECRET} if true; then cd /x && hf auth login --token ${READ}; fi`, EXAMPLE],
    ["in a group", `${SECRET} { hf auth login --token ${READ}; hf download m; }`, EXAMPLE],
    ["whose failure is reported", `${SECRET} hf auth login --token ${READ} || echo "failed"`, EXAMPLE],
    ["whose failure decides", `${SECRET} hf auth login --token ${READ} || python other.py`, EXAMPLE],
    [
      "whose failure is reported, and then something is done",
      `${SECRET} hf auth login --token ${READ} || echo "no token" && hf download m`,
      `${INSTEAD}--mount=type=secret,id=hf,env=HF_TOKEN hf download m`,
    ],
    [
      "of a user who could not read the file otherwise",
      `${SECRET},mode=0444,required=true export HF_TOKEN=${READ} && hf auth login --token $HF_TOKEN && hf download m`,
      `${INSTEAD}${SECRET},mode=0444,required=true export HF_TOKEN=${READ} && hf download m`,
    ],
    [
      "with a secret that has to be there",
      `${SECRET},mode=0444,required=true hf auth login --token ${READ} && hf download m`,
      `${INSTEAD}${SECRET},required=true,env=HF_TOKEN hf download m`,
    ],
    [
      "of a script that reads the secret again",
      `${SECRET},uid=1000 hf auth login --token ${READ} && ./get.sh /run/secrets/hf`,
      `${INSTEAD}${SECRET},env=HF_TOKEN ${SECRET},uid=1000 ./get.sh /run/secrets/hf`,
    ],
    [
      "with a variable that no program gets to see",
      `${SECRET} HF_TOKEN=${READ} && hf auth login --token $HF_TOKEN && hf download m`,
      `${INSTEAD}${SECRET},env=HF_TOKEN ${SECRET} HF_TOKEN=${READ} && hf download m`,
    ],
    [
      "beside other mounts",
      `--mount=type=cache,target=/c --mount=type=secret,id=git ${SECRET} hf auth login --token ${READ} && hf download m`,
      `${INSTEAD}${SECRET},env=HF_TOKEN --mount=type=cache,target=/c --mount=type=secret,id=git hf download m`,
    ],
  ])("%s", (_, run, fix) => {
    expect(fixes(run)).toEqual([fix]);
  });

  test("names the secret after the build argument", () => {
    const [argument, login] = fixes("hf auth login --token $MY_HF_TOKEN && hf download m", "ARG MY_HF_TOKEN\n");
    expect(argument).toMatch(/^Delete this ARG and write: RUN --mount=type=secret,id=MY_HF_TOKEN,env=MY_HF_TOKEN /);
    expect(login).toBe(`${INSTEAD}--mount=type=secret,id=MY_HF_TOKEN,env=HF_TOKEN hf download m`);
  });
});

describe("the fix for a variable", () => {
  test("keeps the flags of the RUN that it quotes", () => {
    const flags = "--network=default --mount=type=cache,target=/c";
    expect(fixes(`${flags} TOKEN=$HF_TOKEN ./get.sh`, "ARG HF_TOKEN\n")).toEqual([
      `Delete this ARG and write: RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN ${flags} TOKEN=$HF_TOKEN ./get.sh (build with: docker build --secret id=HF_TOKEN,env=HF_TOKEN .)`,
    ]);
  });

  test("mounts no secret for a RUN that prints it", () => {
    const [fix] = fixes('echo "token: $HF_TOKEN"\nRUN ./get.sh $HF_TOKEN', "ARG HF_TOKEN\n");
    expect(fix).toContain("env=HF_TOKEN ./get.sh $HF_TOKEN (build");
    const [other] = fixes('echo "token: $HF_TOKEN"', "ARG HF_TOKEN\n");
    expect(other).toContain("env=HF_TOKEN <the command that needs the token> (build");
  });

  test("is to delete a build argument beside a secret of its name", () => {
    expect(fixes(`${SECRET},env=HF_TOKEN python get.py`, "ARG HF_TOKEN\n")).toEqual([
      "Delete this ARG: a RUN of this stage takes HF_TOKEN from a secret mount, which needs no build argument.",
    ]);
  });

  test("hands one secret over, whatever the variables are called", () => {
    const [argument, environment] = fixes("python get.py", "ARG HF_TOKEN\nENV HUGGING_FACE_HUB_TOKEN=$HF_TOKEN\n");
    expect(argument).toContain("--secret id=HF_TOKEN,env=HF_TOKEN .");
    expect(environment).toContain("RUN --mount=type=secret,id=HF_TOKEN,env=HUGGING_FACE_HUB_TOKEN <");
  });
});

describe("the fix for a write", () => {
  test("names the variable that clients read", () => {
    expect(fixes(`${SECRET} echo ${READ} > ~/.env`)[0]).toContain("(RUN --mount=type=secret,id=hf,env=HF_TOKEN …)");
    expect(fixes(`${SECRET} git clone https://u:${READ}@huggingface.co/org/m`)[0]).toContain(
      "RUN --mount=type=secret,id=hf,env=HF_TOKEN git -c credential.helper=",
    );
  });
});
