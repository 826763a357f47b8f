/** The fix that a finding names: what it quotes of the Dockerfile has to be a command that works. */

import { describe, expect, test } from "vitest";
import { lintCaller } from "../../src/lint-caller.ts";
import { lintDockerfile } from "../../src/lint.ts";
import type { Finding } from "../../src/model/finding.ts";
import { dockerfileFixtures } from "../support/dockerfile-fixtures.ts";
import { memoryContext } from "../support/memory-context.ts";
import { plant } from "../support/tokens.ts";

/** The RUN that a fix tells to write; null when it tells of none. */
function runOf(fix: string): string | null {
  const [run] = /\bRUN --mount.*?(?= \(build with|; at run time|; or delete|$)/s.exec(fix) ?? [];
  return run?.replaceAll(/<[^>]*>/g, "org/model") ?? null;
}

function fixes(run: string, before: string = ""): string[] {
  return lintDockerfile(`FROM python:3.12-slim\n${before}RUN ${run}\n`).findings.map(({ fix }) => fix ?? "");
}

/** The fix for a build argument of a command. */
function option(command: string): string {
  return lintCaller("build.sh", `#!/bin/sh\n${command} --build-arg HF_TOKEN="$HF_TOKEN" .\n`).findings[0]?.fix ?? "";
}

/** The fixes for a Dockerfile with a syntax from before env=. */
function old(text: string): string[] {
  const { findings } = lintDockerfile(`# syntax=docker/dockerfile:1.7\nFROM python:3.12-slim\n${text}\n`);
  return findings.map(({ fix }) => fix ?? "");
}

const SECRET = "--mount=type=secret,id=hf";
const READ = "$(cat /run/secrets/hf)";
const INSTEAD = "Do not log in; give the token to the command that needs it: RUN ";
const EXAMPLE = `${INSTEAD}--mount=type=secret,id=hf,env=HF_TOKEN hf download <model>`;

describe("the RUN of a fix", () => {
  const quoted = dockerfileFixtures().flatMap(({ name, text }) => {
    const { findings, gaps } = lintDockerfile(text);
    const runs = findings.map(({ fix, rule, message }) => ({ name, rule, message, run: runOf(fix ?? "") ?? "" }));
    return gaps.length > 0 ? [] : runs.filter(({ run }) => run !== "");
  });

  test.each(quoted)("$name: $run", ({ run, rule, message }) => {
    const { findings, gaps } = lintDockerfile(`FROM python:3.12-slim\n${run}\n`);
    expect(gaps).toEqual([]);
    const isLeft = (found: Finding): boolean => found.rule === rule && found.message === message;
    expect(findings.filter((found) => found.rule === "login-in-build" || isLeft(found))).toEqual([]);
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
    [
      "beside a write of what it leaves",
      `${SECRET} echo x > ~/.huggingface/token && hf auth login --token ${READ}`,
      EXAMPLE,
    ],
    [
      "beside commands that get ready and clean up",
      `${SECRET} export HF_HOME=$(mktemp -d) && hf auth login --token ${READ} && rm -rf ~/x`,
      EXAMPLE,
    ],
    [
      "that a function runs which does nothing else",
      `${SECRET} retry() { until "$@"; do sleep 1; done; }; retry hf auth login --token ${READ}`,
      EXAMPLE,
    ],
    [
      "beside what cannot be known",
      `${SECRET} mkdir -p /m && hf auth login --token ${READ} && $PROGRAM m`,
      `${INSTEAD}--mount=type=secret,id=hf,env=HF_TOKEN mkdir -p /m && $PROGRAM m`,
    ],
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

  test("stays below ONBUILD", () => {
    const { findings } = lintDockerfile(
      `FROM a\nONBUILD RUN ${SECRET} hf auth login --token ${READ} && hf download m\n`,
    );
    expect(findings.map(({ fix }) => fix)).toEqual([
      `${INSTEAD.replace("RUN ", "ONBUILD RUN ")}--mount=type=secret,id=hf,env=HF_TOKEN hf download m`,
    ]);
  });

  test("names the secret after the build argument", () => {
    const [argument, login] = fixes("hf auth login --token $MY_HF_TOKEN && hf download m", "ARG MY_HF_TOKEN\n");
    expect(argument).toMatch(/^Delete this ARG and write: RUN --mount=type=secret,id=MY_HF_TOKEN,env=MY_HF_TOKEN /);
    expect(login).toBe(`${INSTEAD}--mount=type=secret,id=MY_HF_TOKEN,env=HF_TOKEN hf download m`);
  });
});

describe("a fix in a file whose syntax has no env=", () => {
  const FILE = "--mount=type=secret,id=HF_TOKEN,mode=0444";
  const GIVEN = 'HF_TOKEN="$(cat /run/secrets/HF_TOKEN)"';

  test("mounts the file", () => {
    expect(old("ARG HF_TOKEN\nENV HF_TOKEN=$HF_TOKEN\nRUN --network=host ./get.sh $HF_TOKEN")).toEqual([
      `Delete this ARG and write: RUN ${FILE} --network=host export ${GIVEN} && ./get.sh $HF_TOKEN (build with: docker build --secret id=HF_TOKEN,env=HF_TOKEN .)`,
      `Delete this ENV; for the build write: RUN ${FILE} --network=host export ${GIVEN} && ./get.sh $HF_TOKEN; at run time pass it when the container starts (docker run -e HF_TOKEN, a Kubernetes secret).`,
    ]);
  });

  test("reads the file where it is mounted already", () => {
    expect(old(`RUN ${SECRET},target=/t,uid=1000 hf auth login --token $(cat /t) && hf download m`)).toEqual([
      `${INSTEAD}${SECRET},target=/t,uid=1000 export HF_TOKEN="$(cat /t)" && hf download m`,
    ]);
    expect(old(`RUN ${SECRET} hf auth login --token ${READ}`)).toEqual([
      `${INSTEAD}${SECRET} export HF_TOKEN="${READ}" && hf download <model>`,
    ]);
  });

  test("gives the login's own variable to the commands that name it", () => {
    expect(fixes("hf auth login --token $MY_TOKEN && hf download --token $MY_TOKEN m")).toEqual([
      `${INSTEAD}--mount=type=secret,id=MY_TOKEN,env=HF_TOKEN --mount=type=secret,id=MY_TOKEN,env=MY_TOKEN hf download --token $MY_TOKEN m`,
    ]);
    expect(old("RUN hf auth login --token $MY_TOKEN && hf download --token $MY_TOKEN m")).toEqual([
      `${INSTEAD}--mount=type=secret,id=MY_TOKEN,mode=0444 export HF_TOKEN="$(cat /run/secrets/MY_TOKEN)" MY_TOKEN="$(cat /run/secrets/MY_TOKEN)" && hf download --token $MY_TOKEN m`,
    ]);
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
  test.each([
    [
      "a file that the container reads",
      `${SECRET} echo "HF_TOKEN=${READ}" > /app/.env`,
      `Leave the token out of /app/.env, and set it when the container starts (docker run -e HF_TOKEN …). If this RUN alone needs the file, delete it at the end: RUN ${SECRET} echo "HF_TOKEN=${READ}" > /app/.env && rm -f /app/.env`,
    ],
    [
      "a file for this RUN",
      `${SECRET} echo ${READ} > /tmp/t && python get.py`,
      `Delete it before the RUN ends: RUN ${SECRET} echo ${READ} > /tmp/t && python get.py && rm -f /tmp/t`,
    ],
    [
      "the token file of clients",
      `${SECRET} cp /run/secrets/hf ~/.cache/huggingface/token`,
      "Do not write it: clients read HF_TOKEN from the environment of the one command that needs it: RUN --mount=type=secret,id=hf,env=HF_TOKEN hf download <model>",
    ],
    [
      "a file of credentials",
      `${SECRET} echo "machine huggingface.co password ${READ}" > ~/.netrc`,
      "Do not write it: mount the whole file as a secret for the command that reads it: RUN --mount=type=secret,id=netrc,target=/root/.netrc <command>",
    ],
    [
      "a clone",
      `${SECRET} git clone --depth 1 "https://u:${READ}@huggingface.co/org/m" /m && ls`,
      `Let git ask for the token, which leaves nothing of it: RUN ${SECRET} git -c credential.helper= -c credential.helper='!f() { echo username=hf_user; echo "password=${READ}"; }; f' clone --depth 1 "https://huggingface.co/org/m" /m && ls`,
    ],
    [
      "the address of a remote",
      `${SECRET},env=TOKEN git remote set-url origin https://u:$TOKEN@huggingface.co/org/m && git pull`,
      `Give git the address without the token, and let the command that connects ask for it: RUN git -c credential.helper= -c credential.helper='!f() { echo username=hf_user; echo "password=$TOKEN"; }; f' pull …; or delete .git/config in the same RUN.`,
    ],
    [
      "an install that stays editable",
      `${SECRET},env=TOKEN pip install -e git+https://u:$TOKEN@huggingface.co/org/p#egg=p`,
      `Install it without -e, so that pip deletes its clone and keeps no address: RUN ${SECRET},env=TOKEN pip install git+https://u:$TOKEN@huggingface.co/org/p#egg=p`,
    ],
  ])("of %s", (_, run, fix) => {
    expect(fixes(run)).toEqual([fix]);
  });

  test("mounts what was a build argument", () => {
    const mount = "RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN";
    const argument = "ARG HF_TOKEN\n";
    expect(fixes("echo $HF_TOKEN > /tmp/t", argument)[1]).toContain(`: ${mount} echo $HF_TOKEN > /tmp/t && rm`);
    expect(fixes("git clone https://u:$HF_TOKEN@huggingface.co/org/m", argument)[1]).toContain(`: ${mount} git -c`);
  });

  test("quotes nothing of a nested shell, a heredoc or a JSON form", () => {
    const clone = `git clone https://u:${READ}@huggingface.co/org/m`;
    for (const run of [`bash -c '${clone}'`, `<<EOF\n${clone}\nEOF`, `["sh", "-c", "${clone}"]`])
      expect(fixes(`${SECRET} ${run}`)[0]).toMatch(/^Give git the address without the token/);
  });
});

describe("the fix for an option of a build", () => {
  test.each([
    ["docker build", "Write `--secret id=HF_TOKEN,env=HF_TOKEN` instead, with HF_TOKEN exported"],
    ["docker build -f docker/compose.Dockerfile", "Write `--secret id=HF_TOKEN,env=HF_TOKEN` instead"],
    ["docker compose -f a.yml build", "Delete this option, write `secrets: [HF_TOKEN]` below the service's `build:`"],
    ["docker-compose build", "Delete this option, write `secrets: [HF_TOKEN]` below the service's `build:`"],
    ["$COMPOSE build", "Delete this option, write `secrets: [HF_TOKEN]` below the service's `build:`"],
    ["/kaniko/executor --context .", "This builder hands no secret to a RUN: build with BuildKit"],
    ["docker run gcr.io/kaniko-project/executor", "This builder hands no secret to a RUN: build with BuildKit"],
    ["az acr build -r x", "This builder hands no secret to a RUN: build with BuildKit"],
  ])("%s", (command, fix) => {
    expect(option(command)).toContain(fix);
    expect(option(command)).toContain("RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN …");
  });

  test("podman reads the file", () => {
    expect(option("podman build")).toBe(
      'Write `--secret id=HF_TOKEN,env=HF_TOKEN` instead, with HF_TOKEN exported, and in the Dockerfile mount it: RUN --mount=type=secret,id=HF_TOKEN,mode=0444 export HF_TOKEN="$(cat /run/secrets/HF_TOKEN)" && …',
    );
  });
});

describe("the fix for a copy", () => {
  test.each([
    [
      "COPY .env /app/.env",
      "Take .env out of this COPY (a build gets a token as a secret, a container when it starts), ",
    ],
    [
      "ADD ./.env a.py /app/",
      "Take ./.env out of this ADD (a build gets a token as a secret, a container when it starts), ",
    ],
    ["COPY . /app", ""],
    ["COPY .env* /app/", ""],
  ])("%s", (copy, first) => {
    const { findings } = lintDockerfile(`FROM python:3.12-slim\n${copy}\n`, {
      contexts: [memoryContext({ ".env": plant("T=@@TOKEN:user@@").text, "a.py": "" })],
    });
    expect(findings.map(({ fix }) => fix)).toEqual([
      `${first}${first === "" ? "Put" : "and put"} the line \`.env\` at the end of .dockerignore, and revoke the token if an image was built from this folder before: it is in there.`,
    ]);
  });

  test("to the token's own place is to leave it", () => {
    const { findings } = lintDockerfile("FROM python:3.12-slim\nCOPY hf.txt /root/.cache/huggingface/token\n");
    expect(findings.map(({ message, fix }) => [message, fix])).toEqual([
      [
        "COPY puts hf.txt at ~/.cache/huggingface/token, where Hugging Face clients keep the token: the image shows it to everyone who can pull the image.",
        "Do not copy it; for the build write: RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN <the command that needs the token>; at run time pass it when the container starts (docker run -e HF_TOKEN, a Kubernetes secret).",
      ],
    ]);
  });
});
