/** Dockerfiles that calling files name through variables: linted where the file itself says the value. */

import { describe, expect, test } from "vitest";
import { isInSource, type Location } from "../../src/model/location.ts";
import type { Outcome } from "../../src/model/report.ts";
import { lintedFolder, type Files } from "../support/linted-folder.ts";
import { fakeToken } from "../support/tokens.ts";

const LEAK = "FROM alpine\nARG HF_TOKEN\nRUN hf download org/model\n";
const project = lintedFolder();
const { lint } = project;

async function outcomeOf(files: Files): Promise<Outcome> {
  project.write(files);
  return project.outcomeOf();
}

function lineOf(at: Location | undefined): number {
  return at !== undefined && isInSource(at) ? at.region.start.line : 0;
}

/** All that may be named; a test says which are. */
const PLACES = ["a.in", "b.in", "c.in", "docker/a.in", "docker/b.in", "x/a.in", "y/b.in"];
const THERE: Files = Object.fromEntries(PLACES.map((path) => [path, LEAK]));

const compose = (build: string): string => `services:\n  api:\n    build: ${build}\n`;
const job = (lines: readonly string[]): string =>
  `jobs:\n  b:\n    runs-on: x\n${lines.map((line) => `    ${line}\n`).join("")}`;
const build = (file: string, more = ""): string =>
  `- {uses: docker/build-push-action@v6, with: {file: "${file}"${more}}}`;
const gitlab = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

describe.each<[string, string, readonly [what: string, text: string, expected: readonly string[]][]]>([
  [
    "compose",
    "compose.yaml",
    [
      ["a default", compose("{dockerfile: '${DF:-a.in}'}"), ["a.in"]],
      ["a default without a colon, in the middle", compose("{dockerfile: 'docker/${DF-a}.in'}"), ["docker/a.in"]],
      ["a default in a default", compose('{dockerfile: "${DF:-${OTHER:-a}.in}"}'), ["a.in"]],
      ["a context's default", compose("{context: '${DIR:-x}', dockerfile: a.in}"), ["x/a.in"]],
      ["an escaped dollar", compose("{dockerfile: 'a$$.in'}"), []],
      ["no default", compose("{dockerfile: '${DF}a.in'}"), []],
      ["a demand", compose("{dockerfile: '${DF:?a.in}'}"), []],
      ["a value that only shows whether there is one", compose("{dockerfile: '${DF:+a.in}'}"), []],
      ["a name that does not end", compose("{dockerfile: '${DF:-a.in'}"), []],
      ["an anchor", `x-df: &df "\${DF:-a.in}"\n${compose("{dockerfile: *df}")}`, ["a.in"]],
      [
        "a merge key",
        `x: &b {context: "\${DIR:-docker}"}\n${compose("{<<: *b, dockerfile: '${DF:-a.in}'}")}`,
        ["docker/a.in"],
      ],
    ],
  ],
  [
    "bake in HCL",
    "docker-bake.hcl",
    [
      ["a variable", 'variable "DF" {\n  default = "a.in"\n}\ntarget "a" {\n  dockerfile = DF\n}\n', ["a.in"]],
      [
        "a variable in a template, behind its use",
        'target "a" {\n  dockerfile = "docker/${DF}.in"\n}\nvariable "DF" {\n  default = "a"\n}\n',
        ["docker/a.in"],
      ],
      ["an attribute", 'df = "a"\ntarget "a" {\n  dockerfile = "${df}.in"\n}\n', ["a.in"]],
      [
        "a condition",
        'variable "GPU" {\n  default = ""\n}\ntarget "a" {\n  dockerfile = GPU != "" ? "a.in" : "${"b"}.in"\n}\n',
        ["a.in", "b.in"],
      ],
      [
        "a context, inherited",
        'variable "DIR" {\n  default = "x"\n}\ntarget "base" {\n  context = DIR\n}\ntarget "a" {\n  inherits = ["base"]\n  dockerfile = "a.in"\n}\n',
        ["x/a.in"],
      ],
      ["a variable without a default", 'variable "DF" {}\ntarget "a" {\n  dockerfile = DF\n}\n', []],
      ["a variable of itself", 'A = B\nB = "${A}"\ntarget "a" {\n  dockerfile = A\n}\n', []],
      [
        "a matrix",
        'target "a" {\n  name = "app-${dir}"\n  matrix = {\n    dir = ["docker", "."]\n    file = ["a", "b"]\n  }\n  dockerfile = "${dir}/${file}.in"\n}\n',
        ["a.in", "b.in", "docker/a.in", "docker/b.in"],
      ],
      [
        "objects of a matrix",
        'target "a" {\n  name = item.dir\n  matrix = { item = [{ dir = "x", file = "a.in" }, { dir = "y", file = "b.in" }] }\n  context = item.dir\n  dockerfile = item.file\n}\n',
        ["x/a.in", "y/b.in"],
      ],
      [
        "a target that inherits from one of a matrix",
        'target "a" {\n  name = "a-${dir}"\n  matrix = { dir = ["x", "y"] }\n  context = dir\n}\ntarget "b" {\n  inherits = ["a-x"]\n  dockerfile = "a.in"\n}\n',
        ["x/a.in"],
      ],
      [
        "a matrix that is computed",
        'target "a" {\n  name = x\n  matrix = { f = split(",", X) }\n  dockerfile = "${f}a.in"\n}\n',
        [],
      ],
      ["a function", 'target "a" {\n  dockerfile = lower("A.in")\n}\n', []],
      ["text that is no template", 'a = "a"\ntarget "a" {\n  dockerfile = "$${a}.in"\n}\n', []],
    ],
  ],
  [
    "bake in JSON",
    "docker-bake.json",
    [
      [
        "a variable",
        '{"variable": {"DF": {"default": "a"}}, "target": {"a": {"context": "x", "dockerfile": "${DF}.in"}}}',
        ["x/a.in"],
      ],
      [
        "a matrix",
        '{"target": {"a": {"name": "${d}", "matrix": {"d": ["x", "y"]}, "context": "${d}", "dockerfile": "a.in"}}}',
        ["x/a.in"],
      ],
      ["a variable without a default", '{"variable": {"DF": {}}, "target": {"a": {"dockerfile": "${DF}a.in"}}}', []],
    ],
  ],
  [
    "a script",
    "go.sh",
    [
      ["a variable", 'DF=a.in\ndocker build -f "$DF" .\n', ["a.in"]],
      ["a variable of a variable", "DIR=docker; export DF=${DIR}/a.in\ndocker build -f $DF .\n", ["docker/a.in"]],
      ["odd quotes", `DF='do'"cke"r/a.i\\n\ndocker build --file="\${DF}" .\n`, ["docker/a.in"]],
      ["a default", "docker build -f ${1:-a.in} .\n", ["a.in"]],
      ["a default that is assigned", ": ${DF:=a.in}\ndocker build -f $DF .\n", ["a.in"]],
      ["its own default", 'DF=${DF:-a.in}\ndocker build -f "$DF" .\n', ["a.in"]],
      ["the last value", "DF=a.in\nDF=b.in\ndocker build -f $DF .\n", ["b.in"]],
      ["a branch", "DF=a.in\nif test -n $GPU; then DF=b.in; fi\ndocker build -f $DF .\n", ["a.in", "b.in"]],
      ["a branch and a default", "if x; then DF=b.in; fi\ndocker build -f ${DF:-a.in} .\n", ["a.in", "b.in"]],
      ["a case", "case $1 in gpu) DF=b.in;; *) DF=a.in;; esac\ndocker build -f $DF .\n", ["a.in", "b.in"]],
      ["a loop", "for f in a.in docker/b.in; do docker build -f $f .; done\n", ["a.in", "docker/b.in"]],
      ["what follows a test", "DF=a.in\ntest -n $GPU && DF=b.in\ndocker build -f $DF .\n", ["a.in", "b.in"]],
      [
        "a list in a variable",
        'ALL="a docker/b"\nfor i in $ALL; do docker build -f $i.in .; done\n',
        ["a.in", "docker/b.in"],
      ],
      [
        "a function of a function",
        'g() { docker build -f "$1" .; }\nf() { g "docker/$1.in"; }\nf a\n',
        ["docker/a.in"],
      ],
      [
        "an argument that one call leaves out",
        'b() { docker build -f "$1" "${2:-.}"; }\nb a.in made\nb b.in\n',
        ["a.in", "b.in"],
      ],
      ["an array", 'FILES=(a.in "b.in")\nfor f in "${FILES[@]}"; do docker build -f $f .; done\n', ["a.in", "b.in"]],
      ["what is added", "DF=docker/a\nDF+=.in\ndocker build -f $DF .\n", ["docker/a.in"]],
      ["a function's argument", 'b() { docker build -f "$1" "$2"; }\nb a.in x\nb b.in y\n', ["a.in", "b.in"]],
      ["a function's local", 'b() {\n  local df="docker/$1.in"\n  docker build -f $df .\n}\nb a\n', ["docker/a.in"]],
      ["a variable behind the function", "b() { docker build -f $DF .; }\nDF=a.in\nb\n", ["a.in"]],
      ["a variable for the function", "b() { docker build -f $DF .; }\nDF=a.in b\n", ["a.in"]],
      ["a variable of a function", "s() { DF=a.in; }\ns\ndocker build -f $DF .\n", ["a.in"]],
      ["its own folder", 'D="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\ndocker build -f "$D/a.in" .\n', ["a.in"]],
      [
        "a folder above its own",
        'HERE=$(dirname "$0")\nROOT="$(cd -P "${HERE}/sub/.." >/dev/null 2>&1 && pwd)"\ndocker build -f "$ROOT/docker/a.in" .\n',
        ["docker/a.in"],
      ],
      [
        "a real path",
        'ROOT=$(realpath "$(dirname -- "$0")/docker/..")\ndocker build -f "$(readlink -f "$ROOT")/a.in" .\n',
        ["a.in"],
      ],
      ["a folder of a file", "F=docker/x.txt; docker build -f `dirname $F`/a.in .\n", ["docker/a.in"]],
      [
        "a folder of nobody knows what",
        'docker build -f "$(dirname "$1")/a.in" "$(cd "$(dirname "$X")" && pwd)"\n',
        [],
      ],
      ["the project's folder", 'docker build -f "$PWD/docker/a.in" "$(pwd)"\n', ["docker/a.in"]],
      ["standard input", "DF=a.in\ndocker build - < $DF\n", ["a.in"]],
      ["a pipe", 'DF=a.in\ncat "$DF" | docker build -\n', ["a.in"]],
      ["a folder", 'DIR=docker\ncd "$DIR"\ndocker build -f a.in .\n', ["a.in", "docker/a.in"]],
      ["a setting of bake", "DF=a.in\ndocker buildx bake --set *.dockerfile=$DF\n", ["a.in"]],
      ["a variable for the builder alone", "DF=a.in docker build -f $DF .\n", []],
      ["a variable of itself", "A=$B; B=$A; A=$B\ndocker build -f $A .\n", []],
      ["a pattern", "DF=a.in.x\ndocker build -f ${DF%.x} .\n", []],
      ["a command's output", "DF=$(ls | head -1)a.in\ndocker build -f $DF .\n", []],
      ["text that no shell replaces", "DF=a.in\ndocker build -f '$DF' .\n", []],
      ["another variable", "DFX=a.in\ndocker build -f $DF .\n", []],
    ],
  ],
  [
    "a Makefile",
    "Makefile",
    [
      ["a variable", "DF := docker/a.in\nb:\n\tdocker build -f $(DF) .\n", ["docker/a.in"]],
      ["in braces, behind its use", "b:\n\tdocker build -f ${DF} .\nDF ?= a.in # the file\n", ["a.in"]],
      ["a variable of a variable", "DF = $(DIR)/a.in\nDIR = docker\nb:\n\tdocker build -f $(DF) .\n", ["docker/a.in"]],
      ["a target's own", "DF = a.in\ngpu: DF = b.in\ngpu b:\n\tdocker build -f $(DF) .\n", ["a.in", "b.in"]],
      [
        "a condition",
        "ifdef GPU\nDF = b.in\nelse\nDF = a.in\nendif\nb:\n\tdocker build -f $(DF) .\n",
        ["a.in", "b.in"],
      ],
      ["functions", "b:\n\tdocker build -f $(or $(DF),$(if $(GPU),b,a).in) .\n", ["a.in", "b.in"]],
      ["a shell's variable", "b:\n\tDF=a.in; docker build -f $$DF .\n", ["a.in"]],
      [
        "a list in a variable",
        "ALL = a docker/b\nb:\n\tfor i in $(ALL); do docker build -f $$i.in .; done\n",
        ["a.in", "docker/b.in"],
      ],
      [
        "the Makefile's folder",
        "D := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))\nb:\n\tdocker build -f $(D)/docker/a.in .\n",
        ["docker/a.in"],
      ],
      ["make's own folder", "b:\n\tdocker build -f $(CURDIR)/docker/a.in $(CURDIR)\n", ["docker/a.in"]],
      ["a value over two lines", "DF = docker\\\n  /a.in\nb:\n\tdocker build -f $(DF) .\n", []],
      ["what a command computes", "DF != echo a.in\nb:\n\tdocker build -f $(DF) .\n", []],
      ["a variable of itself", "A = $(B)\nB = $(A)\nb:\n\tdocker build -f $(A)a.in .\n", []],
      ["no variable of the file", "b:\n\tdocker build -f $(DF)a.in .\n", []],
    ],
  ],
  [
    "a workflow",
    ".github/workflows/b.yml",
    [
      ["env of the workflow", `env: {DF: a.in}\n${job(["steps:", build("${{ env.DF }}")])}`, ["a.in"]],
      ["env of the job", job(["env: {DF: a}", "steps:", build("docker/${{ env.DF }}.in")]), ["docker/a.in"]],
      [
        "env of the step before that of the job",
        job([
          "env: {DF: a.in}",
          "steps:",
          '- {env: {DF: b.in}, uses: docker/build-push-action@v6, with: {file: "${{ env.DF }}"}}',
        ]),
        ["b.in"],
      ],
      ["env for a script", job(["env: {DF: a.in}", "steps:", '- run: docker build -f "$DF" .']), ["a.in"]],
      [
        "an expression in a script",
        job(["env: {DF: a.in}", "steps:", "- run: docker build -f ${{ env.DF }} ."]),
        ["a.in"],
      ],
      [
        "an expression in a variable of a script",
        job(["env: {DF: a}", "steps:", "- run: |", "    DF='docker/${{ env.DF }}.in'", "    docker build -f $DF ."]),
        ["docker/a.in"],
      ],
      [
        "a list of a matrix",
        job([
          "strategy: {matrix: {dockerfile: [a.in, b.in], python: [1, 2]}}",
          "steps:",
          build("${{ matrix.dockerfile }}"),
        ]),
        ["a.in", "b.in"],
      ],
      [
        "two lists, without what is excluded",
        job([
          "strategy: {matrix: {dir: [., docker], file: [a, b], exclude: [{dir: docker, file: b}]}}",
          "steps:",
          build("${{ matrix.dir }}/${{ matrix['file'] }}.in"),
        ]),
        ["a.in", "b.in", "docker/a.in"],
      ],
      [
        "what is included, with what goes together",
        job([
          "strategy: {matrix: {include: [{dir: x, file: a.in}, {dir: y, file: b.in}]}}",
          "steps:",
          build("${{ matrix.dir }}/${{ matrix.file }}"),
        ]),
        ["x/a.in", "y/b.in"],
      ],
      [
        "what is included in some",
        job([
          "strategy: {matrix: {dir: [x, y], include: [{dir: x, file: a.in}, {dir: y, file: b.in}, {dir: docker, file: b.in}]}}",
          "steps:",
          build("${{ matrix.dir }}/${{ matrix.file }}"),
        ]),
        ["docker/b.in", "x/a.in", "y/b.in"],
      ],
      [
        "objects of a matrix, in env",
        job([
          "strategy: {matrix: {image: [{name: x, file: a.in}, {name: y, file: b.in}]}}",
          "env: {DF: '${{ matrix.image.name }}/${{ matrix.image.file }}'}",
          "steps:",
          "- run: docker build -f $DF .",
        ]),
        ["x/a.in", "y/b.in"],
      ],
      [
        "PowerShell",
        job([
          "env: {DF: a}",
          "steps:",
          "- {shell: pwsh, run: 'docker build -f docker/${env:DF}.in . && docker build -f ${{ env.DF }}.in .'}",
        ]),
        ["a.in", "docker/a.in"],
      ],
      [
        "a default",
        job(["strategy: {matrix: {include: [{file: a.in}, {x: 1}]}}", "steps:", build("${{ matrix.file || 'b.in' }}")]),
        ["a.in", "b.in"],
      ],
      ["a condition", job(["steps:", build("${{ github.ref == 'x' && 'a.in' || 'b.in' }}")]), ["a.in", "b.in"]],
      [
        "an input's default and options",
        `on: {workflow_dispatch: {inputs: {file: {default: a, type: choice, options: [a, b]}}}}\n${job(["steps:", build("${{ inputs.file }}.in")])}`,
        ["a.in", "b.in"],
      ],
      [
        "another action's Dockerfile",
        job(["env: {DF: a.in}", "steps:", '- {uses: some/scan@v1, with: {dockerfile: "${{ env.DF }}"}}']),
        ["a.in"],
      ],
      [
        "the workspace",
        job([
          "steps:",
          build("${{ github.workspace }}/docker/a.in"),
          '- run: docker build -f "$GITHUB_WORKSPACE/a.in" .',
        ]),
        ["a.in", "docker/a.in"],
      ],
      [
        "a folder of a matrix",
        job([
          "strategy: {matrix: {dir: [x, y]}}",
          "steps:",
          "- {working-directory: '${{ matrix.dir }}', run: 'docker build -f a.in .'}",
        ]),
        ["x/a.in"],
      ],
      [
        "a matrix that is computed",
        job(["strategy: {matrix: {f: '${{ fromJSON(x) }}'}}", "steps:", build("${{ matrix.f }}a.in")]),
        [],
      ],
      [
        "another job's matrix",
        `${job(["strategy: {matrix: {f: [a.in]}}", "steps: []"])}  c: {steps: [${build("${{ matrix.f }}").slice(2)}]}\n`,
        [],
      ],
      [
        "an output",
        job(["steps:", build("${{ steps.x.outputs.y }}a.in"), build("${{ needs.a.outputs['a.in'] }}")]),
        [],
      ],
      ["a function", job(["steps:", build("${{ format('{0}', 'a.in') }}")]), []],
      ["env that another step sets", job(["steps:", "- {env: {DF: a.in}, run: x}", build("${{ env.DF }}")]), []],
    ],
  ],
  [
    "an action",
    "action.yml",
    [
      [
        "an input's default",
        `inputs: {file: {default: a.in}}\nruns:\n  using: composite\n  steps:\n    ${build("${{ inputs.file }}")}\n`,
        ["a.in"],
      ],
    ],
  ],
  [
    "GitLab",
    ".gitlab-ci.yml",
    [
      ["variables of the file", gitlab(["variables: {DF: a.in}", "b: {script: ['docker build -f $DF .']}"]), ["a.in"]],
      [
        "variables of the job",
        gitlab([
          "variables: {DF: a.in, DIR: docker}",
          "b:",
          "  variables: {DF: $DIR/b.in}",
          "  script: docker build -f ${DF} .",
        ]),
        ["docker/b.in"],
      ],
      [
        "a variable with a description",
        gitlab(["variables: {DF: {value: a.in, description: x}}", "b: {script: docker build -f $DF .}"]),
        ["a.in"],
      ],
      [
        "jobs that extend one",
        gitlab([
          ".b: {script: 'docker build -f $DF .', variables: {DF: c.in}}",
          "a: {extends: .b, variables: {DF: a.in}}",
          "b: {extends: [.b], variables: {DF: b.in}}",
        ]),
        ["a.in", "b.in", "c.in"],
      ],
      [
        "jobs with an anchored script",
        gitlab([
          ".b: &b {script: 'docker build -f $DF .'}",
          "a: {<<: *b, variables: {DF: a.in}}",
          "b: {<<: *b, variables: {DF: b.in}}",
        ]),
        ["a.in", "b.in"],
      ],
      [
        "a matrix",
        gitlab([
          "b:",
          "  parallel: {matrix: [{DIR: x, DF: [a.in]}, {DIR: y, DF: [b.in, made]}]}",
          "  script: docker build -f $DIR/$DF .",
        ]),
        ["x/a.in", "y/b.in"],
      ],
      [
        "the project's folder",
        gitlab(["b: {script: 'docker build -f $CI_PROJECT_DIR/docker/a.in .'}"]),
        ["docker/a.in"],
      ],
      ["kaniko", gitlab(["b:", "  variables: {DF: a.in}", '  script: /kaniko/executor --dockerfile "$DF"']), ["a.in"]],
      [
        "jobs that extend one another",
        gitlab(["a: {extends: b, script: 'docker build -f $DF .'}", "b: {extends: a}"]),
        [],
      ],
      ["variables of themselves", gitlab(["variables: {A: $B, B: $A}", "b: {script: 'docker build -f $A .'}"]), []],
      ["another job's variable", gitlab(["a: {variables: {DF: a.in}}", "b: {script: 'docker build -f $DF .'}"]), []],
    ],
  ],
  [
    "CircleCI",
    ".circleci/config.yml",
    [
      [
        "a parameter's default",
        "jobs:\n  b:\n    parameters: {df: {type: string, default: a.in}}\n    steps:\n      - run: docker build -f << parameters.df >> .\n",
        ["a.in"],
      ],
      [
        "the list of an orb's Dockerfiles",
        "workflows: {w: {jobs: [{build: {matrix: {parameters: {dockerfile: [a.in, b.in]}}}}]}}\n",
        ["a.in", "b.in"],
      ],
    ],
  ],
  [
    "Cloud Build",
    "cloudbuild.yaml",
    [
      [
        "a substitution in a list of words",
        "steps:\n  - {name: docker, args: [build, -f, 'docker/${_DF}', .]}\n  - {name: kaniko, args: [--dockerfile=$_DF]}\nsubstitutions: {_DF: a.in}\n",
        ["a.in", "docker/a.in"],
      ],
      ["a substitution of the trigger", "steps:\n  - {name: docker, args: [build, -f, '${_DF}a.in', .]}\n", []],
    ],
  ],
  [
    "Azure",
    "azure-pipelines.yml",
    [
      [
        "a variable of a task",
        "variables:\n  df: '$(Build.SourcesDirectory)/docker/a.in'\nsteps:\n  - task: Docker@2\n    inputs: {Dockerfile: $(df)}\n",
        ["docker/a.in"],
      ],
      [
        "a list of variables, and a macro in a script",
        "variables:\n  - name: df\n    value: a.in\nsteps:\n  - script: docker build -f $(df) .\n",
        ["a.in"],
      ],
    ],
  ],
])("%s", (_, caller, cases) => {
  test.each(cases)("%s", async (_what, text, expected) => {
    expect(await lint({ ...THERE, [caller]: text, Dockerfile: LEAK })).toEqual(["Dockerfile", ...expected]);
  });
});

describe("the `.env` file beside a compose file", () => {
  const named = compose("{dockerfile: '${DF:-b.in}'}");

  test.each<[string, string, readonly string[]]>([
    ["a value", "DF=a.in\n", ["a.in", "b.in"]],
    ["a value in quotes, with a comment", '# x\nexport DF = "docker/a.in" # DF=c.in\r\n', ["b.in", "docker/a.in"]],
    ["a value of a value", "N=a\nDF=${N}.in\n", ["a.in", "b.in"]],
    ["text in single quotes", "N=a\nDF='$N.in'\n", ["b.in"]],
    ["a value of itself", "DF=$N\nN=$DF\n", ["b.in"]],
    ["a comment", "#DF=a.in\nDFX=a.in\n", ["b.in"]],
    ["nothing", "", ["b.in"]],
    ["no text", "DF=a.in\0", ["b.in"]],
  ])("%s", async (_, text, expected) => {
    expect(await lint({ ...THERE, "compose.yaml": named, ".env": text })).toEqual(expected);
  });

  test("of another folder says nothing", async () => {
    expect(await lint({ ...THERE, "sub/compose.yaml": named, ".env": "DF=../a.in\n" })).toEqual([]);
  });

  test("shows no token, and gives none to a build argument", async () => {
    const { findings, gaps } = await outcomeOf({
      "compose.yaml": compose("{dockerfile: $HF_TOKEN, args: {A: $DF}}"),
      ".env": `HF_TOKEN=${fakeToken()}\nDF=${fakeToken("user", 2)}\n`,
    });
    expect([findings, gaps]).toEqual([[], []]);
  });
});

/** The Dockerfiles that the findings of passed arguments name, with the line of the pass. */
async function joined(files: Files): Promise<string[]> {
  const { findings } = await outcomeOf({ Dockerfile: LEAK, ...THERE, ...files });
  return findings
    .filter(({ rule }) => rule === "token-passed-as-build-argument")
    .flatMap(({ locations: [own, ...others] }) => others.map((at) => `${lineOf(own)} ${"path" in at ? at.path : ""}`));
}

describe("who passes a token is joined with the Dockerfile that a variable names", () => {
  test.each<[string, Files, readonly string[]]>([
    ["compose", { "compose.yaml": compose("{dockerfile: '${DF:-a.in}', args: [HF_TOKEN]}") }, ["3 a.in"]],
    [
      "bake",
      { "docker-bake.hcl": 'DF = "a.in"\ntarget "a" {\n  dockerfile = DF\n  args = { HF_TOKEN = HF_TOKEN }\n}\n' },
      ["4 a.in"],
    ],
    ["a script", { "go.sh": "DF=a.in\ndocker build --build-arg HF_TOKEN -f $DF .\n" }, ["2 a.in"]],
    ["a Makefile", { Makefile: "DF = a.in\nb:\n\tdocker build --build-arg HF_TOKEN -f $(DF) .\n" }, ["3 a.in"]],
    [
      "a matrix",
      {
        ".github/workflows/b.yml": job([
          "strategy: {matrix: {file: [a.in, b.in]}}",
          "steps:",
          build("${{ matrix.file }}", ", build-args: 'HF_TOKEN=${{ secrets.HF_TOKEN }}'"),
        ]),
      },
      ["6 a.in", "6 b.in"],
    ],
    [
      "GitLab",
      {
        ".gitlab-ci.yml": gitlab([
          "a: {variables: {DF: a.in}, script: 'docker build -f $DF --build-arg HF_TOKEN .'}",
          "b: {variables: {DF: b.in}, script: 'docker build -f $DF .'}",
        ]),
      },
      ["1 a.in"],
    ],
    ["a name that nobody can tell, with none", { "go.sh": "docker build --build-arg HF_TOKEN -f $DF .\n" }, []],
  ])("%s", async (_, files, expected) => {
    expect(await joined(files)).toEqual(expected);
  });

  test("a target of a matrix is what is built", async () => {
    const text = "FROM a AS one\nARG HF_TOKEN\nRUN hf download org/model\nFROM b AS two\n";
    const levels = async (targets: string): Promise<string[]> => {
      const { findings } = await outcomeOf({
        "weird.in": text,
        ".github/workflows/b.yml": job([
          `strategy: {matrix: {target: ${targets}}}`,
          "steps:",
          build("weird.in", ", target: '${{ matrix.target }}', build-args: 'A=1'"),
        ]),
      });
      return findings.filter(({ rule }) => rule === "token-in-build-argument").map(({ level }) => level);
    };
    expect(await levels("[one, two]")).toEqual(["error"]);
    expect(await levels("[two]")).toEqual(["warning"]);
  });
});
