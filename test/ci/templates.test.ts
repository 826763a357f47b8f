/** The GitLab component, the pre-commit hook and the workflows: of the form that the services want, and doing their work. */

import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { isDockerfileName } from "../../src/sweep/find-build-files.ts";
import { repositoryText, runAsService, VERSION } from "./service.ts";
import { hullcheck } from "../support/cli.ts";

const LEAK = { Dockerfile: "FROM scratch\nENV HF_TOKEN=@@TOKEN:user@@\n" };
const CLEAN = { Dockerfile: "FROM scratch\nCOPY app /app\n" };

interface Component {
  readonly hullcheck: {
    readonly script: readonly string[];
    readonly variables: Readonly<Record<string, string>>;
    readonly artifacts: { readonly reports: Readonly<Record<string, string>> };
  };
}

/** The component as GitLab makes it of the given inputs. */
function component(given: Readonly<Record<string, string>>): Component {
  const [header, body = ""] = repositoryText("templates/hullcheck.yml").split("\n---\n");
  const { spec } = parse(header ?? "") as { spec: { inputs: Record<string, { default: string }> } };
  const filled = body.replaceAll(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_, name: string) => {
    const input = spec.inputs[name];
    if (input === undefined) throw new Error(`no input ${name}`);
    return given[name] ?? input.default;
  });
  expect(filled).not.toContain("$[[");
  return parse(filled) as Component;
}

function runComponent(given: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) {
  const { script, variables } = component(given).hullcheck;
  const text = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value ?? ""]));
  return runAsService(script.join("\n"), text, files, "sh");
}

describe("the GitLab component", () => {
  it("is two documents, the first with the inputs", () => {
    const documents = parseAllDocuments(repositoryText("templates/hullcheck.yml"));
    expect(documents.map(({ errors }) => errors)).toEqual([[], []]);
  });

  it("lints, and writes the reports that it names as artifacts", () => {
    const run = runComponent({}, LEAK);
    expect(run.code).toBe(1);
    expect(run.asked[1]).toBe(`hullcheck@${VERSION}`);
    expect(run.asked[2]).toBe("lint");
    expect(Object.keys(run.files).toSorted()).toEqual(
      Object.values(component({}).hullcheck.artifacts.reports).toSorted(),
    );
    expect(JSON.parse(run.files["gl-code-quality-report.json"] ?? "")).toHaveLength(1);
    expect(runComponent({}, CLEAN).code).toBe(0);
  });

  it("inspects images through the gate", () => {
    const run = runComponent({ images: "a.tar b.tar", paths: "Dockerfile" }, CLEAN);
    expect(run.asked.filter((word) => /^gate$|image/.test(word))).toEqual(["gate", "--image=a.tar", "--image=b.tar"]);
    expect(run.code).toBe(2);
  });
});

describe("the pre-commit hook", () => {
  const [hook] = parse(repositoryText(".pre-commit-hooks.yaml")) as [
    { id: string; name: string; entry: string; args: string[]; language: string; files: string; exclude: string },
  ];
  // Python's verbose flag is a matter of blanks, of which the names have none.
  const files = new RegExp(hook.files.replace("(?x)", "").replaceAll(/\s/g, ""));
  const exclude = new RegExp(hook.exclude);

  it("names a command of the package", () => {
    expect(hook).toMatchObject({ id: "hullcheck", language: "node" });
    expect(hook.entry).toMatch(/^hullcheck lint\b/);
  });

  it("takes no file's name for an option", async () => {
    const name = "--config=a.dockerfile";
    expect(files.test(name)).toBe(true);
    const project = { [name]: "FROM scratch\n", "a.dockerfile": "levels: { token-literal: off }\n" };
    const { code, stdout } = await hullcheck([...hook.entry.split(" ").slice(1), ...hook.args, name], {
      files: project,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "pass: no leak found (1 Dockerfile)\n" });
  });

  it.each(["Dockerfile", "a/b/Dockerfile.gpu", "api.Dockerfile", "x/api.dockerfile", "Containerfile", "dockerfile"])(
    "is run for %s, as lint finds it",
    (path) => {
      expect(isDockerfileName(path.split("/").at(-1) ?? "")).toBe(true);
      expect(files.test(path) && !exclude.test(path)).toBe(true);
    },
  );

  it.each(["compose.yaml", "deploy/docker-compose.prod.yml", "docker-bake.hcl", "Makefile"])(
    "is run for %s",
    (path) => {
      expect(files.test(path)).toBe(true);
    },
  );

  it.each(["Dockerfile.dockerignore", "README.md", "src/dockerfile/parse.ts", "notes-Dockerfile", "composer.yaml.bak"])(
    "is not run for %s",
    (path) => {
      expect(files.test(path) && !exclude.test(path)).toBe(false);
    },
  );
});

describe("the workflows", () => {
  it.each(["ci", "release"])("%s keeps no credentials and no more rights than it needs", (name) => {
    const workflow = parse(repositoryText(`.github/workflows/${name}.yml`)) as {
      permissions: unknown;
      jobs: Record<string, { permissions?: Record<string, string>; steps: { uses?: string; with?: unknown }[] }>;
    };
    expect(workflow.permissions).toEqual({ contents: "read" });
    const jobs = Object.values(workflow.jobs);
    const checkouts = jobs.flatMap(({ steps }) => steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const { with: options } of checkouts) expect(options).toEqual({ "persist-credentials": false });
    const rights = jobs.flatMap(({ permissions }) => (permissions === undefined ? [] : [permissions]));
    expect(rights).toEqual(name === "release" ? [{ contents: "read", "id-token": "write" }] : []);
  });

  it("publishes with provenance, and only what is tagged as the package says", () => {
    const text = repositoryText(".github/workflows/release.yml");
    expect(text).toContain("npm publish --provenance --access public");
    expect(text).toContain('require("./package.json").version');
    expect(text).not.toMatch(/secrets\./);
  });
});
