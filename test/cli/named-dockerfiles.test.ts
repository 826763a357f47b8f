/** Dockerfiles of unusual names that a calling file names, as a person sees them. */

import { describe, expect, test } from "vitest";
import { hullcheck } from "../support/cli.ts";
import { docker25, tar } from "../support/images.ts";

const IMAGE = await tar(await docker25({ tags: ["app:1"], layers: [{ entries: [{ name: "a", content: "a" }] }] }));

const FILES = {
  "compose.yaml":
    "services:\n  api:\n    build:\n      context: .\n      dockerfile: docker/app.build\n      args:\n        HF_TOKEN: ${HF_TOKEN}\n",
  Makefile: "image:\n\tdocker build -t app -f weird .\n",
  "docker/app.build": "FROM a\nARG HF_TOKEN\nRUN hf download org/model\n",
  weird: "FROM a\nENV HF_TOKEN=@@TOKEN:user@@\n",
  other: "FROM a\nENV HF_TOKEN=@@TOKEN:user@@\n",
};

describe("a Dockerfile that a calling file names", () => {
  test.each([
    ["lint", [], ""],
    ["gate", ["--image", "app.tar"], ", 1 image"],
  ])("fails `hullcheck %s .` by what it leaks", async (command, options, also) => {
    const files = { ...FILES, "app.tar": IMAGE };
    const { code, stdout, stderr } = await hullcheck([command, ".", ...options], { files });
    const heads = stdout.split("\n").filter((line) => /^(?:error|warning|note|fail|pass)/.test(line));
    expect([...heads, stderr]).toEqual([
      "error  token-passed-as-build-argument  compose.yaml:7:9",
      "error  token-in-build-argument  docker/app.build:2:5",
      "error  token-in-environment  weird:2:5",
      `fail: 3 errors (2 Dockerfiles, 1 compose file, 1 script${also})`,
      "",
    ]);
    expect(code).toBe(1);
  });

  test("leaves `hullcheck lint .` without a verdict when it cannot be read", async () => {
    const files = { Dockerfile: "FROM a\n", Makefile: FILES.Makefile, weird: "FROM a\0" };
    const { code, stderr } = await hullcheck(["lint", "."], { files });
    expect(stderr).toContain("hullcheck: weird: the file is binary; check that it is a Dockerfile\n");
    expect(code).toBe(2);
  });

  test("is mended together with its caller", async () => {
    const { weird: _, ...files } = FILES;
    const { code, written } = await hullcheck(["lint", "--fix", "."], { files });
    expect(written).toEqual({
      "compose.yaml": expect.stringContaining("secrets:"),
      "docker/app.build": expect.stringContaining("RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download"),
    });
    expect(code).toBe(0);
  });

  test("that is sound passes", async () => {
    const files = { Makefile: FILES.Makefile, weird: "FROM a\nRUN make\n" };
    const { code, stdout } = await hullcheck(["lint", "."], { files });
    expect([code, stdout]).toEqual([0, "pass: no leak found (1 Dockerfile, 1 script)\n"]);
  });
});
