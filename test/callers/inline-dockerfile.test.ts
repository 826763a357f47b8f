import { describe, expect, test } from "vitest";
import { lintCaller } from "../../src/lint-caller.ts";
import { isInSource } from "../../src/model/location.ts";
import { fakeToken } from "../support/tokens.ts";

function compose(lines: readonly string[], more: readonly string[] = []): string {
  const build = ["services:", "  a:", "    build:", "      context: .", ...more, "      dockerfile_inline: |"];
  return [...build, ...lines.map((line) => `        ${line}`), ""].join("\n");
}

/** The findings as `line:column level rule`, and the gaps as places. */
function found(text: string, path: string = "compose.yaml"): string[] {
  const { findings, gaps } = lintCaller(path, text);
  return [
    ...findings.map(({ level, rule, suppressed, locations: [place] }) => {
      if (place === undefined || !isInSource(place)) throw new Error("a finding is in the file");
      const { line, column } = place.region.start;
      return `${place.in} ${line}:${column} ${level} ${rule}${suppressed === null ? "" : " suppressed"}`;
    }),
    ...gaps.map(({ at }) => `gap ${at}`),
  ];
}

describe("a Dockerfile in a compose file", () => {
  test("is linted, at its true places", () => {
    expect(
      found(compose(["FROM a", "ARG HF_TOKEN", 'RUN echo "$$HF_TOKEN" \\', "      > /app/.env", "RUNN x"])),
    ).toEqual([
      "compose 7:13 error token-in-build-argument",
      "compose 8:13 error token-written-to-file",
      "gap compose.yaml:10:9",
    ]);
  });

  test("heeds its own ignore comments, which the compose file then does not call idle", () => {
    const lines = ["FROM a", "# hullcheck-ignore token-in-build-argument: a test", "ARG HF_TOKEN"];
    expect(found(compose(lines))).toEqual(["compose 8:13 error token-in-build-argument suppressed"]);
  });

  test("heeds the build's target", () => {
    const lines = ["FROM a AS one", "ARG HF_TOKEN", "FROM b"];
    expect(found(compose(lines))).toEqual(["compose 7:13 warning token-in-build-argument"]);
    expect(found(compose(lines, ["      target: one"]))).toEqual(["compose 8:13 error token-in-build-argument"]);
  });

  test("tells what compose puts into it", () => {
    const lines = ["FROM a", "ENV A=${HF_TOKEN:-} B=$HF_TOKEN C=$$HF_TOKEN D=${HF_TOKEN:+yes} E=$HF_TOKENIZER"];
    expect(found(compose(lines))).toEqual(["compose 7:15 error token-passed-as-build-argument"]);
    expect(found(compose(["FROM a", "ENV A=$$HF_TOKEN D=${HF_TOKEN:+yes} E=${VERSION}"]))).toEqual([]);
  });

  test("is silent without a leak", () => {
    const run = "RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model";
    expect(found(compose(["FROM a", run]))).toEqual([]);
  });

  test("shows no token, and no value of unknown shape", () => {
    const opaque = "Zq8fLm2xWv4tKp9s";
    const token = fakeToken();
    const outcome = lintCaller("compose.yaml", compose(["FROM a", `ENV HF_TOKEN=${opaque}`, `RUN echo ${token} > /x`]));
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(["token-in-environment", "token-literal"]);
    expect(JSON.stringify(outcome)).not.toContain(opaque);
    expect(JSON.stringify(outcome)).not.toContain(token);
  });
});

function script(...lines: readonly string[]): string[] {
  return found(`${lines.join("\n")}\n`, "go.sh");
}

describe("a Dockerfile that a script types", () => {
  test("is linted, at its true places", () => {
    expect(
      script(
        "docker build -t x - <<'EOF'",
        "FROM a",
        "ARG HF_TOKEN",
        "RUN echo $HF_TOKEN \\",
        "  > /app/.env",
        "RUNN x",
        "EOF",
      ),
    ).toEqual(["script 3:5 error token-in-build-argument", "script 4:5 error token-written-to-file", "gap go.sh:6:1"]);
  });

  test("is read as the builder gets it, where a backslash keeps the shell away", () => {
    expect(
      script(
        "docker build - <<EOF",
        "FROM a",
        "ARG \\",
        "  HF_TOKEN",
        "RUN echo \\$HF_TOKEN \\\\",
        "  > /app/.env",
        "EOF",
      ),
    ).toEqual(["script 4:3 error token-in-build-argument", "script 5:5 error token-written-to-file"]);
  });

  test.each([
    ["docker buildx build -f - . <<-EOF", "EOF"],
    ["docker build -f- --build-arg A=1 ctx <<EOF", "EOF"],
    ["podman build - 2>&1 <<EOF | tee log", "EOF"],
    ["cat <<EOF | sudo docker build -t x -", "EOF"],
    ["cat - <<'EOF' | buildah bud -f /dev/stdin .", "EOF"],
    ["if true; then docker build - <<A; fi", "A"],
  ])("%s", (line, end) => {
    expect(script(line, "FROM a", "ARG HF_TOKEN", end)).toEqual(["script 3:5 error token-in-build-argument"]);
    expect(script(line, "FROM a", "ARG OTHER", end)).toEqual([]);
  });

  test("on one line", () => {
    expect(script("echo -e 'FROM a\\nARG HF_TOKEN' | docker build -")).toEqual([
      "script 1:22 error token-in-build-argument",
    ]);
    expect(script("docker build - <<< $'FROM a\\nENV HF_TOKEN=abcdefgh1234'")).toHaveLength(1);
    expect(script('echo -e "FROM $BASE\\nARG HF_TOKEN" | docker build -')).toHaveLength(1);
    expect(script("printf 'FROM %s\\nARG HF_TOKEN' $BASE | docker build -")).toEqual([]);
  });

  test("heeds its own ignore comments, and the script's for the script", () => {
    const ignore = "# hullcheck-ignore token-in-build-argument: a test";
    expect(script("docker build - <<EOF", "FROM a", ignore, "ARG HF_TOKEN", "EOF")).toEqual([
      "script 4:5 error token-in-build-argument suppressed",
    ]);
  });

  test("heeds the build's target, of a variable and of several builds", () => {
    const lines = ["FROM a AS one", "ARG HF_TOKEN", "FROM b", "EOF"];
    expect(script("docker build - <<EOF", ...lines)).toEqual(["script 3:5 warning token-in-build-argument"]);
    expect(script("T=one; docker build --target $T - <<EOF", ...lines)).toEqual([
      "script 3:5 error token-in-build-argument",
    ]);
    expect(script("for t in one 1; do docker build --target $t - <<EOF", ...lines, "done")).toEqual([
      "script 3:5 error token-in-build-argument",
    ]);
  });

  test("in a workflow, beside what is replaced there", () => {
    const text = [
      "jobs:",
      "  b:",
      "    strategy: {matrix: {base: [a, b]}}",
      "    steps:",
      "      - run: |",
      "          docker build - <<EOF",
      "          FROM ${{ matrix.base }}",
      "          ARG HF_TOKEN",
      "          EOF",
    ].join("\n");
    expect(found(text, ".github/workflows/b.yml")).toEqual(["workflow 8:15 error token-in-build-argument"]);
  });

  test("in GitLab and package.json", () => {
    const gitlab = "b:\n  script:\n    - |\n      docker build - <<EOF\n      FROM a\n      ARG HF_TOKEN\n      EOF\n";
    expect(found(gitlab, ".gitlab-ci.yml")).toEqual(["workflow 6:11 error token-in-build-argument"]);
    const json = String.raw`{"scripts": {"b": "echo 'FROM a\\nARG HF_TOKEN' | docker build -"}}`;
    expect(found(json, "package.json")).toHaveLength(1);
  });

  test("shows no token", () => {
    const token = fakeToken();
    const { findings } = lintCaller("go.sh", `docker build - <<EOF\nFROM a\nRUN x ${token}\nEOF\n`);
    expect(findings.map(({ rule }) => rule)).toEqual(["token-literal"]);
    expect(JSON.stringify(findings)).not.toContain(token);
  });

  test.each([
    ["what another program makes of it", "cat <<EOF | envsubst | docker build -", "EOF"],
    ["another program's text", "kubectl apply -f - <<EOF", "EOF"],
    ["a context of its own beside it", "docker build . <<EOF", "EOF"],
    ["a text that is printed", "cat <<EOF", "EOF"],
    ["a file behind it", "docker build - <<EOF < other", "EOF"],
  ])("is not %s", (_, line, end) => {
    expect(script(line, "FROM a", "ARG HF_TOKEN", end)).toEqual([]);
  });

  test("tells what the shell puts into it, once for each name", () => {
    const lines = [
      "FROM a",
      "# of $HF_TOKEN",
      "ENV A=$HF_TOKEN B=${HF_TOKEN} C=$VERSION",
      "RUN x $KEY ${HF_TOKEN:+yes}",
    ];
    expect(script("KEY=$HF_TOKEN", "docker build - <<EOF", ...lines, "EOF")).toEqual([
      "script 5:7 error token-passed-as-build-argument",
      "script 6:7 error token-passed-as-build-argument",
    ]);
    expect(script("KEY=$HF_TOKEN", "docker build - <<'EOF'", ...lines, "EOF")).toEqual([]);
    expect(script("docker build - <<EOF", "FROM a", "RUN x \\$HF_TOKEN", "EOF")).toEqual([]);
    expect(script('echo "FROM a\\nENV A=$HF_TOKEN" | docker build -')).toEqual([
      "script 1:21 error token-passed-as-build-argument",
    ]);
  });

  test("tells what a workflow puts into it, also behind quotes", () => {
    const run = ["      - run: |", "          docker build - <<'EOF'", "          FROM a"];
    const text = (line: string): string =>
      ["jobs:", "  b:", "    steps:", ...run, `          ${line}`, "          EOF"].join("\n");
    expect(found(text("ENV A=${{ secrets.HF_TOKEN }}"), ".github/workflows/b.yml")).toEqual([
      "workflow 7:17 error token-passed-as-build-argument",
    ]);
    expect(found(text("ENV A=${{ github.sha }} HF_HOME=/x/${{ env.X }}"), ".github/workflows/b.yml")).toEqual([]);
  });

  test("is none where the shell makes all of it; a line that it makes is a gap", () => {
    expect(script("docker build - <<EOF", "$(cat Dockerfile)", "EOF")).toEqual([]);
    expect(script('docker build - <<< "$TEXT"', 'echo "$TEXT" | docker build -')).toEqual([]);
    expect(script("docker build - <<EOF", "FROM $BASE", "$LINES", "EOF")).toEqual(["gap go.sh:3:1"]);
  });
});
