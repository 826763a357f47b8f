import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lintedFolder, type Files } from "../support/linted-folder.ts";

const LEAK = "FROM alpine\nARG HF_TOKEN\nRUN hf download org/model\n";
const project = lintedFolder();
const { write, outcomeOf, lint } = project;

const compose = (build: string): string => `services:\n  api:\n    build: ${build}\n`;
const workflow = (step: string): string => `jobs:\n  b:\n    runs-on: x\n    steps:\n      - ${step}\n`;
const COMPOSE = compose("{context: ., dockerfile: weird}");

describe("a Dockerfile of any name is linted when a file that is found names it", () => {
  test.each<[string, string, string, string]>([
    ["compose", "compose.yaml", COMPOSE, "weird"],
    [
      "compose, below the context",
      "compose.yaml",
      compose("{context: api, dockerfile: docker/app.build}"),
      "api/docker/app.build",
    ],
    ["compose, above the context", "compose.yaml", compose("{context: api, dockerfile: ../weird}"), "weird"],
    [
      "compose, beside its own folder",
      "deploy/compose.yaml",
      compose("{context: .., dockerfile: docker/weird}"),
      "docker/weird",
    ],
    ["compose, without a context", "compose.yaml", compose("{dockerfile: ./weird}"), "weird"],
    [
      "compose, from a base",
      "compose.yaml",
      "services:\n  a: {build: {context: api, dockerfile: weird}}\n  b: {extends: a}\n",
      "api/weird",
    ],
    ["bake in HCL", "docker-bake.hcl", 'target "a" {\n  dockerfile = "weird"\n}\n', "weird"],
    [
      "bake in HCL, inherited",
      "docker-bake.hcl",
      'target "a" {\n  dockerfile = "weird"\n}\ntarget "b" {\n  inherits = ["a"]\n  context = "api"\n}\n',
      "api/weird",
    ],
    ["bake in JSON", "docker-bake.json", '{"target": {"a": {"context": "api", "dockerfile": "weird"}}}', "api/weird"],
    [
      "a build action",
      ".github/workflows/b.yml",
      workflow("{uses: docker/build-push-action@v6, with: {file: docker/weird}}"),
      "docker/weird",
    ],
    [
      "a build action with the project as its context",
      ".github/workflows/b.yml",
      workflow('{uses: docker/build-push-action@v6, with: {context: "{{defaultContext}}:api", file: weird}}'),
      "api/weird",
    ],
    [
      "an action with a Dockerfile",
      ".github/workflows/b.yml",
      workflow("{uses: some/scan@v1, with: {dockerfile: weird}}"),
      "weird",
    ],
    [
      "buildah's action",
      ".github/workflows/b.yml",
      workflow('{uses: redhat-actions/buildah-build@v2, with: {containerfiles: "./weird\\n", dockerfiles: other}}'),
      "weird",
    ],
    [
      "buildah's action, below the context",
      ".github/workflows/b.yml",
      workflow("{uses: redhat-actions/buildah-build@v2, with: {context: api, dockerfiles: weird}}"),
      "api/weird",
    ],
    ["an action that is a container", "action.yml", "runs: {using: docker, image: docker/weird}\n", "docker/weird"],
    [
      "an action that is a container, beside itself",
      ".github/actions/x/action.yaml",
      "runs: {using: Docker, image: ./weird}\n",
      ".github/actions/x/weird",
    ],
    [
      "an action that is a container, above itself",
      ".github/actions/x/action.yml",
      "runs: {using: docker, image: ../../../weird}\n",
      "weird",
    ],
    [
      "a called workflow",
      ".github/workflows/b.yml",
      "jobs:\n  b:\n    uses: ./.github/workflows/c.yml\n    with: {dockerfile: weird}\n",
      "weird",
    ],
    ["a run step", ".github/workflows/b.yml", workflow("run: docker build -f weird ."), "weird"],
    [
      "a run step in a folder",
      ".github/workflows/b.yml",
      workflow("{working-directory: app, run: docker build -f weird .}"),
      "app/weird",
    ],
    [
      "a run step of PowerShell",
      ".github/workflows/b.yml",
      workflow("{shell: pwsh, run: 'docker build -t x -f \"weird\" .'}"),
      "weird",
    ],
    [
      "compose, written on Windows",
      "sub/compose.yaml",
      compose("{context: '..\\api', dockerfile: 'x\\weird'}"),
      "api/x/weird",
    ],
    [
      "a run step of cmd",
      ".github/workflows/b.yml",
      workflow("{shell: cmd, run: 'docker build -f x\\weird .'}"),
      "x/weird",
    ],
    ["GitLab", ".gitlab-ci.yml", "b:\n  script:\n    - docker build -t x -f weird .\n", "weird"],
    [
      "kaniko",
      ".gitlab-ci.yml",
      'b:\n  script:\n    - /kaniko/executor --context "dir://api" --dockerfile weird --destination x\n',
      "api/weird",
    ],
    [
      "a list of words",
      "cloudbuild.yaml",
      "steps:\n  - name: docker\n    args: ['build', '-f', 'weird', '.']\n",
      "weird",
    ],
    [
      "kaniko in a list of words",
      "cloudbuild.yaml",
      'steps:\n  - name: kaniko\n    args: ["--dockerfile=weird", "--context=."]\n',
      "weird",
    ],
    ["a plugin", ".drone.yml", "steps:\n  - image: plugins/docker\n    settings:\n      dockerfile: weird\n", "weird"],
    ["a Makefile", "Makefile", "b:\n\t@docker build \\\n\t  -f weird .\n", "weird"],
    ["a Makefile with the builder in a variable", "Makefile", "b:\n\t$(DOCKER) build -t $(TAG) -f weird .\n", "weird"],
    ["package.json", "package.json", '{"scripts": {"image": "docker build -f weird ."}}', "weird"],
    ["a script beside it", "ci/go.sh", "docker build -f weird .\n", "ci/weird"],
    ["a script, from the root", "ci/go.sh", "docker build -f docker/weird .\n", "docker/weird"],
    [
      "a script that changes its folder",
      "ci/go.sh",
      'cd "$(dirname "$0")" && cd ../app\ndocker build -f weird .\n',
      "app/weird",
    ],
    ["a recipe that changes its folder", "Makefile", "b:\n\tcd app && docker build -f weird .\n", "app/weird"],
    ["a script that changes its folder for a part", "go.sh", "(cd app && make)\ndocker build -f weird .\n", "weird"],
    ["a script that no shell reads", "go.sh", "docker build -f weird .\nif true; then\n", "weird"],
    ["a Makefile, from standard input", "Makefile", "b:\n\t@$(DOCKER) build -t $(TAG) - < weird\n", "weird"],
    [
      "a bake action",
      ".github/workflows/b.yml",
      workflow('{uses: docker/bake-action@v6, with: {set: "*.tags=x\\n*.dockerfile=weird"}}'),
      "weird",
    ],
    [
      "a bake action in a folder",
      ".github/workflows/b.yml",
      workflow("{uses: depot/bake-action@v1, with: {source: ./app, set: app.dockerfile=weird}}"),
      "app/weird",
    ],
    [
      "a run step of PowerShell that sets it",
      ".github/workflows/b.yml",
      workflow("{shell: pwsh, run: 'docker buildx bake --set \"*.dockerfile=weird\"'}"),
      "weird",
    ],
    [
      "a list of words that sets it",
      "cloudbuild.yaml",
      "steps:\n  - name: docker\n    args: ['buildx', 'bake', '--set', '*.dockerfile=weird']\n",
      "weird",
    ],
    ["a Makefile, from a pipe", "Makefile", "b:\n\tcat weird | docker build -t $(TAG) -\n", "weird"],
    ["GitLab, from standard input", ".gitlab-ci.yml", "b:\n  script:\n    - docker build - < weird\n", "weird"],
    [
      "a run step, from standard input",
      ".github/workflows/b.yml",
      workflow("run: docker build -f- . < weird"),
      "weird",
    ],
    [
      "a run step of PowerShell, from a pipe",
      ".github/workflows/b.yml",
      workflow("{shell: pwsh, run: 'Get-Content -Raw weird | docker build -t x -'}"),
      "weird",
    ],
    [
      "a script that no shell reads, from standard input",
      "go.sh",
      "docker build -t x - < weird\nif true; then\n",
      "weird",
    ],
    ["standard input, beside the script's own folder", "ci/go.sh", "docker build - < weird\n", "ci/weird"],
  ])("%s", async (_, caller, text, dockerfile) => {
    const found = await lint({ [caller]: text, [dockerfile]: LEAK });
    expect(found.filter((line) => !line.includes("parse-error"))).toEqual([dockerfile]);
  });

  test.each([
    "docker buildx build --file=weird .",
    "docker buildx b -f=weird .",
    "docker build -fweird .",
    "docker build . -qf weird",
    "docker image build --file weird .",
    "docker --context far -H tcp://x builder build --push -f weird .",
    "sudo docker build --build-arg A=1 -f weird .",
    "podman build -f weird -f other.weird .",
    "buildah bud -f weird .",
    "buildah build-using-dockerfile --layers -f 'weird' .",
    "nerdctl build -f weird .",
    '"$BUILDER" build -f weird .',
    "docker run -v $PWD:/w gcr.io/kaniko-project/executor --dockerfile=weird",
    "docker build -f weird podman",
    "docker build -f $DIR/weird . && docker build -f weird .",
    "bash -c 'docker build -f weird .'",
    "docker build - < weird",
    "docker build -t x -<weird",
    "docker buildx build --load -t x - < ./weird",
    "< weird docker build -t x -",
    "docker build -f - . < weird",
    "docker build -f- . < weird",
    "docker build --file=- --build-arg A=1 . 0< 'weird'",
    "docker build -f - https://example.com/a.git < weird",
    "buildah bud -f /dev/stdin . < weird",
    "cat weird | docker build -t x -",
    "cat -- weird | sudo docker build -",
    "cat < weird | docker build -f - .",
    "cat weird |\n  podman build -",
    '"$BUILDER" build - < weird',
    "(cd app; docker build - < ../weird)",
  ])("%s", async (line) => {
    expect(await lint({ "go.sh": `${line}\n`, weird: LEAK })).toEqual(["weird"]);
  });

  describe("in the context that another file says", () => {
    const BASE = "services:\n  api: {build: {context: ./api, dockerfile: Dockerfile}}\n  web: {build: web}\n";

    test.each<[string, Files, string[]]>([
      [
        "an override of compose",
        { "compose.yaml": BASE, "compose.override.yaml": compose("{dockerfile: weird}") },
        ["api/weird"],
      ],
      [
        "an override of a short form",
        { "docker-compose.yml": BASE, "docker-compose.prod.yml": "services:\n  web: {build: {dockerfile: weird}}\n" },
        ["web/weird"],
      ],
      [
        "the base of an override",
        { "compose.yaml": compose("{dockerfile: weird}"), "compose.prod.yaml": BASE },
        ["api/weird"],
      ],
      [
        "an override, with a context of its own",
        { "compose.yaml": BASE, "compose.prod.yaml": compose("{context: web, dockerfile: weird}") },
        ["web/weird"],
      ],
      [
        "an override, where the base says none",
        { "compose.yaml": "services:\n  api: {image: a}\n", "compose.prod.yaml": compose("{dockerfile: weird}") },
        ["weird"],
      ],
      [
        "an override that stands for itself as well",
        { "compose.yaml": BASE, "compose.prod.yaml": compose("{dockerfile: weird}") },
        ["api/weird", "weird"],
      ],
      [
        "an override of bake",
        {
          "docker-bake.hcl": 'target "base" {\n  context = "api"\n}\ntarget "app" {\n  inherits = ["base"]\n}\n',
          "docker-bake.override.hcl": 'target "app" {\n  dockerfile = "weird"\n}\n',
        },
        ["api/weird"],
      ],
      [
        "an override in JSON",
        {
          "docker-bake.json": '{"target": {"app": {"context": "web"}}}',
          "docker-bake.override.json": '{"target": {"app": {"dockerfile": "weird"}}}',
        },
        ["web/weird"],
      ],
      [
        "another service",
        { "compose.yaml": BASE, "compose.prod.yaml": "services:\n  x: {build: {dockerfile: weird}}\n" },
        [],
      ],
      ["another folder", { "x/compose.yaml": BASE, "compose.prod.yaml": compose("{dockerfile: weird}") }, []],
      [
        "a context that is computed here",
        { "compose.yaml": BASE, "compose.prod.yaml": compose("{context: $X, dockerfile: weird}") },
        [],
      ],
      [
        "a Dockerfile that stands in the file",
        { "compose.yaml": BASE, "compose.prod.yaml": compose("{dockerfile: weird, dockerfile_inline: FROM a}") },
        [],
      ],
    ])("%s", async (_, files, expected) => {
      const places = expected.length > 0 ? expected : ["api/weird", "web/weird", "x/weird"];
      const there = Object.fromEntries(places.map((path) => [path, LEAK]));
      expect(await lint({ ...files, ...there })).toEqual(expected);
    });
  });

  describe("by a setting of bake", () => {
    const BAKE = 'target "api" {\n  context = "api"\n}\ntarget "web" {\n  context = "web"\n}\n';
    const BAKE_JSON = '{"target": {"base": {"context": "api"}, "app": {"inherits": ["base"]}}}';

    test.each<[string, Files, string[]]>([
      ["docker buildx bake --set api.dockerfile=weird", { "docker-bake.hcl": BAKE }, ["api/weird"]],
      [
        "docker buildx bake --set '*.dockerfile=weird'",
        { "docker-bake.hcl": BAKE },
        ["api/weird", "web/weird", "weird"],
      ],
      ["docker buildx bake web --set=w?b.dockerfile=weird", { "docker-bake.hcl": BAKE }, ["web/weird"]],
      ["docker buildx bake --set '[a]*i.dockerfile=weird'", { "docker-bake.hcl": BAKE }, ["api/weird", "weird"]],
      ["docker buildx bake --set 'ap*pi.dockerfile=weird'", { "docker-bake.hcl": BAKE }, ["weird"]],
      ["docker bake --set app.dockerfile=weird", { "docker-bake.json": BAKE_JSON }, ["api/weird"]],
      ["docker buildx f --set api.dockerfile=weird", { "compose.yaml": compose("./api") }, ["api/weird"]],
      ['$(DOCKER) buildx bake --set "*.dockerfile=./weird"', {}, ["weird"]],
      [
        "cd x && docker buildx bake --set '*.dockerfile=weird'",
        { "x/docker-bake.hcl": 'target "x" {}\n' },
        ["x/weird"],
      ],
      [
        "docker buildx bake -f ci/docker-bake.hcl --set api.dockerfile=weird",
        { "ci/docker-bake.hcl": BAKE },
        ["api/weird"],
      ],
      ["docker buildx bake --set *.context=web --set api.dockerfile=weird", { "docker-bake.hcl": BAKE }, ["web/weird"]],
      ["depot bake --set other.dockerfile=weird", { "docker-bake.hcl": BAKE }, ["weird"]],
    ])("%s", async (line, files, expected) => {
      const places = ["weird", "api/weird", "web/weird", "x/weird"].filter((path) => expected.includes(path));
      const there = Object.fromEntries(places.map((path) => [path, LEAK]));
      const found = await lint({ Makefile: `b:\n\t${line}\n`, ...files, ...there });
      expect(found).toEqual(expected);
    });
  });

  test("its finding is reported, and joined with who passes the token", async () => {
    write({
      "compose.yaml": compose("{context: ., dockerfile: weird, args: [HF_TOKEN]}"),
      weird: LEAK,
    });
    const { findings, gaps } = await outcomeOf();
    expect(gaps).toEqual([]);
    expect(
      findings.map(({ rule, locations }) => [rule, ...locations.map((at) => ("path" in at ? at.path : ""))]),
    ).toEqual([
      ["token-passed-as-build-argument", "compose.yaml", "weird"],
      ["token-in-build-argument", "weird", "compose.yaml"],
    ]);
  });

  test.each([
    ["from standard input", "docker build --build-arg HF_TOKEN -f - . < weird", ["go.sh", "weird"]],
    [
      "from a script's own text, by nothing that lies there",
      "docker build --build-arg HF_TOKEN -f - . <<EOF\nFROM a\nEOF",
      ["go.sh"],
    ],
    [
      "by an action's list",
      workflow(
        '{uses: redhat-actions/buildah-build@v2, with: {dockerfiles: weird, build-args: "HF_TOKEN=${{ secrets.X }}"}}',
      ),
      [".github/workflows/b.yml", "weird"],
    ],
  ])("its caller is joined %s", async (_, line, places) => {
    write({ [places[0] ?? ""]: `${line}\n`, weird: LEAK, Dockerfile: LEAK });
    const { findings } = await outcomeOf();
    const passed = findings.find(({ rule }) => rule === "token-passed-as-build-argument");
    expect(passed?.locations.map((at) => ("path" in at ? at.path : ""))).toEqual(places);
  });

  test("several of buildah's action are all linted", async () => {
    const text = workflow('{uses: redhat-actions/buildah-build@v2, with: {containerfiles: "a.in\\nb.in\\nmade"}}');
    expect(await lint({ ".github/workflows/b.yml": text, "a.in": LEAK, "b.in": LEAK })).toEqual(["a.in", "b.in"]);
  });

  test("several of podman are all linted", async () => {
    expect(await lint({ "go.sh": "podman build -f a.in -f b.in .\n", "a.in": LEAK, "b.in": LEAK })).toEqual([
      "a.in",
      "b.in",
    ]);
  });

  test("one that has the name of a script is a Dockerfile when it is named as one", async () => {
    const files = { "compose.yaml": compose("{dockerfile: docker-app}"), "docker-app": LEAK };
    expect(await lint(files)).toEqual(["docker-app"]);
  });

  test("below a folder that is named beside the caller's", async () => {
    const files = { "deploy/compose.yaml": compose("{context: ../app, dockerfile: weird}"), "app/weird": LEAK };
    expect(await lint(files, { paths: ["deploy"] })).toEqual([]);
    expect(await lint({ "app/Dockerfile": LEAK }, { paths: ["deploy", "app"] })).toEqual([
      "app/Dockerfile",
      "app/weird",
    ]);
  });

  test("an absolute folder outside of the working folder", async () => {
    write({ "p/compose.yaml": COMPOSE, "p/weird": LEAK, "q/x": "" });
    expect(await lint({}, { paths: [join(project.path(), "p")], cwd: join(project.path(), "q") })).toEqual([
      join(project.path(), "p/weird"),
    ]);
    expect(await lint({}, { paths: ["../p"], cwd: join(project.path(), "q") })).toEqual(["../p/weird"]);
  });
});

describe("once, however it is named", () => {
  test("by ten callers", async () => {
    const callers = Array.from({ length: 10 }, (_, i) => [`compose.${i}.yaml`, COMPOSE]);
    const files: Files = { ...Object.fromEntries(callers), "go.sh": "docker build -f ./weird .\n", weird: LEAK };
    expect(await lint(files)).toEqual(["weird"]);
  });

  test("with a usual name, in another folder, and through links", async () => {
    write({ "api/Dockerfile": LEAK, weird: LEAK });
    symlinkSync("api/Dockerfile", join(project.path(), "link"));
    symlinkSync("weird", join(project.path(), "other"));
    symlinkSync("api", join(project.path(), "web"));
    const services = [
      "api, dockerfile: ./Dockerfile",
      "., dockerfile: link",
      "web, dockerfile: Dockerfile",
      "., dockerfile: weird",
      "., dockerfile: other",
    ];
    const text = `services:\n${services.map((build, i) => `  s${i}: {build: {context: ${build}}}\n`).join("")}`;
    expect(await lint({ "compose.yaml": text })).toEqual(["api/Dockerfile", "weird"]);
  });

  test("also typed by itself", async () => {
    expect(await lint({ "compose.yaml": COMPOSE, weird: LEAK }, { paths: [".", "weird"] })).toEqual(["weird"]);
  });
});

describe("what is named and cannot be read is a gap", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["larger than any Dockerfile", "#".repeat(5 * 1024 * 1024), "too-large"],
    ["binary", "FROM a\0", "binary"],
    ["empty", "", "empty"],
    ["not UTF-8", Uint8Array.of(0x46, 0xff, 0x0a), "not-utf-8"],
  ])("%s", async (_, content, why) => {
    writeFileSync(join(project.path(), "weird"), content);
    expect(await lint({ "compose.yaml": COMPOSE })).toEqual([`weird: ${why}`]);
  });

  test("also with the name of a script, of which nothing is said otherwise", async () => {
    writeFileSync(join(project.path(), "docker-app"), "FROM a\0");
    expect(await lint({ Dockerfile: LEAK })).toEqual(["Dockerfile"]);
    expect(await lint({ "compose.yaml": compose("{dockerfile: docker-app}") })).toEqual([
      "Dockerfile",
      "docker-app: binary",
    ]);
  });
});

describe("what is left alone", () => {
  test.each<[string, string, string]>([
    ["a name that is computed", "compose.yaml", compose("{dockerfile: '${NAME}weird'}")],
    ["a context that is computed", "compose.yaml", compose("{context: '${DIR}', dockerfile: weird}")],
    ["a repository elsewhere", "compose.yaml", compose("{context: 'https://example.com/a.git', dockerfile: weird}")],
    ["an inline Dockerfile", "compose.yaml", compose("{dockerfile: weird, dockerfile_inline: FROM a}")],
    ["another case", "compose.yaml", compose("{dockerfile: WEIRD}")],
    ["an absolute path", "compose.yaml", compose("{dockerfile: /weird}")],
    ["a folder", "compose.yaml", compose("{dockerfile: sub}")],
    ["nothing that is there", "compose.yaml", compose("{dockerfile: made}")],
    ["an empty name", "compose.yaml", compose('{dockerfile: ""}')],
    ["a computed name in HCL", "docker-bake.hcl", 'target "a" {\n  dockerfile = "${X}weird"\n}\n'],
    ["another action's file", ".github/workflows/b.yml", workflow("{uses: some/upload@v1, with: {file: weird}}")],
    [
      "an expression",
      ".github/workflows/b.yml",
      workflow("{uses: docker/build-push-action@v6, with: {file: '${{ matrix.d }}weird'}}"),
    ],
    ["an action's image that is pulled", "action.yml", 'runs: {using: docker, image: "docker://weird"}\n'],
    ["an action's image that is not there", "action.yml", "runs: {using: docker, image: alpine}\n"],
    ["an action of another kind", "action.yml", "runs: {using: node24, image: weird, main: weird}\n"],
    ["an action elsewhere", ".github/actions/x/action.yml", "runs: {using: docker, image: weird}\n"],
    [
      "the image of a job",
      ".github/workflows/b.yml",
      "jobs: {b: {container: {image: weird}, runs-on: x, steps: []}}\n",
    ],
    ["another action's list", ".github/workflows/b.yml", workflow("{uses: some/scan@v1, with: {dockerfiles: weird}}")],
    [
      "a list of buildah's action that is computed, or elsewhere",
      ".github/workflows/b.yml",
      workflow('{uses: redhat-actions/buildah-build@v2, with: {dockerfiles: "${{ matrix.d }}/weird\\nhttps://weird"}}'),
    ],
    [
      "another action's settings",
      ".github/workflows/b.yml",
      workflow("{uses: some/helm@v1, with: {set: app.dockerfile=weird}}"),
    ],
    [
      "a bake action for another repository",
      ".github/workflows/b.yml",
      workflow('{uses: docker/bake-action@v6, with: {source: "https://example.com/a.git", set: "*.dockerfile=weird"}}'),
    ],
    [
      "an action that builds another repository",
      ".github/workflows/b.yml",
      workflow("{uses: docker/build-push-action@v6, with: {context: 'https://example.com/a.git', file: weird}}"),
    ],
    ["make's variable", "Makefile", "b:\n\tdocker build -f $(F) weird\n"],
    ["a comment", "Makefile", "# docker build -f weird .\nb:\n\ttrue --build-arg\n"],
    ["make itself", "Makefile", "b:\n\t$(MAKE) -f weird build\n\t$(MAKE) build -f Makefile.weird\n"],
    ...[
      "docker compose -f weird build",
      "docker-compose -f weird up --build",
      "docker buildx bake -f weird build",
      "docker ps -f weird build",
      "docker run -it build -f weird",
      "make build -f weird",
      "helm upgrade build -f weird",
      "$KUBECTL apply -f weird build",
      "rm -f weird build",
      "echo docker build -f weird .",
      "docker buildx bake --set *.dockerfile=made",
      "docker buildx bake --set *.dockerfile=$NAME-weird",
      "docker buildx bake --set *.args.dockerfile=weird",
      "docker buildx bake --set *.context=https://example.com/a.git --set *.dockerfile=weird",
      "docker buildx bake --set *.dockerfile=/weird",
      "helm upgrade bake --set app.dockerfile=weird",
      "helm upgrade --set app.dockerfile=weird; docker buildx bake",
      "docker build --set app.dockerfile=weird .",
      "docker build - < made",
      "docker build -f Dockerfile - < weird",
      "docker build -f $WEIRD - < weird",
      "docker build - < $WEIRD",
      "docker build - < context.tar.gz",
      "docker build - <<EOF\nFROM weird\nEOF",
      "docker build - <<< weird",
      "docker build . < weird",
      "docker build -t - < weird",
      "docker load - < weird",
      "docker compose -f - build < weird",
      "docker run -i builder build - < weird",
      "kubectl apply -f - < weird",
      "cat weird | grep build -",
      "cat weird | docker build .",
      "cat weird other | docker build -",
      "cat weird | sed s/a/b/ | docker build -",
      "docker build - > weird",
      "docker build - 3< weird",
      "docker build -f $WEIRD weird",
      "docker build -f weird https://example.com/a.git",
      "docker build -f weird git@example.com:a.git",
    ].map((line): [string, string, string] => [line, "go.sh", `${line}\n`]),
  ])("%s", async (_, caller, text) => {
    const files = {
      [caller]: text,
      Dockerfile: LEAK,
      weird: LEAK,
      other: LEAK,
      "context.tar.gz": "FROM a\0",
      "sub/weird": LEAK,
      "Makefile.weird": "b:\n",
    };
    expect(await lint(files)).toEqual(["Dockerfile"]);
  });

  test("a script that names no Dockerfile calls nothing", async () => {
    write({
      Dockerfile: LEAK,
      Makefile: "clean:\n\tfind build -exec rm -f {} ';'\n\tdocker ps; make build && curl -o x $(URL)\n",
      "go.sh": "docker build .\nrm -f build\ndocker rm -f build\n",
    });
    const { subjects } = await outcomeOf();
    expect(subjects).toEqual([{ kind: "dockerfile", name: "Dockerfile" }]);
  });

  test("what lies outside of the searched folder, also by a folder's link that is none of the project's", async () => {
    write({ weird: LEAK, "p/Dockerfile": LEAK });
    const text = compose("{context: ., dockerfile: ../weird}");
    expect(await lint({ "p/compose.yaml": text }, { paths: ["p"] })).toEqual(["p/Dockerfile"]);
    expect(
      await lint({ "p/compose.yaml": compose(`{dockerfile: ${join(project.path(), "weird")}}`) }, { paths: ["p"] }),
    ).toEqual(["p/Dockerfile"]);
  });

  test("a link below it that leads out is read, as one of a usual name is", async () => {
    write({ weird: LEAK, "p/compose.yaml": COMPOSE });
    symlinkSync("../weird", join(project.path(), "p/weird"));
    expect(await lint({}, { paths: ["p"] })).toEqual(["p/weird"]);
  });

  test("a link that leads nowhere, and a pipe", async () => {
    symlinkSync("gone", join(project.path(), "weird"));
    execFileSync("mkfifo", [join(project.path(), "pipe")]);
    const text = "services:\n  a: {build: {dockerfile: weird}}\n  b: {build: {dockerfile: pipe}}\n";
    expect(await lint({ "compose.yaml": text })).toEqual([]);
  });

  test("what the config leaves out is counted, once", async () => {
    write({ "compose.yaml": COMPOSE, "compose.b.yaml": COMPOSE, weird: LEAK, Dockerfile: LEAK });
    const { subjects, remarks } = await outcomeOf({
      ignored: { by: "the config", isIgnored: (shown) => shown === "weird" },
    });
    expect(subjects.map(({ name }) => name)).toEqual(["Dockerfile", "compose.b.yaml", "compose.yaml"]);
    expect(remarks).toEqual(["1 file ignored by the config"]);
  });

  test("a calling file that is typed by itself is linted by itself, whatever the Dockerfile is called", async () => {
    const text = "services:\n  a: {build: {dockerfile: weird}}\n  b: {build: .}\n";
    expect(await lint({ "compose.yaml": text, weird: LEAK, Dockerfile: LEAK }, { paths: ["compose.yaml"] })).toEqual(
      [],
    );
  });
});
