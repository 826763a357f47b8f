/**
 * Packages as the tools of distributions make them, in every compression that they offer: made here where the tools are,
 * and kept (`fixtures/packages`, by `scripts/capture-packages`) with a marker for the token, which nobody could swap in
 * packed bytes.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { inspectFiles } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { partsWith } from "../../support/unpack-all.ts";
import { isMissing, run } from "../../support/writers.ts";

const settings = `HF_TOKEN=${fakeToken("user", 1)}\n`;
const folders: string[] = [];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "hullcheck-test-"));
  folders.push(path);
  return path;
}

function write(root: string, path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true });
});

describe.skipIf(isMissing("dpkg-deb"))("dpkg-deb", () => {
  const control = "Package: app\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: a\n";
  test.each([
    ["gzip", "gz"],
    ["xz", "xz"],
    ["zstd", "zst"],
    ["none", ""],
  ])("%s", async (compression, ending) => {
    const root = folder();
    write(root, "app/DEBIAN/control", control);
    write(root, "app/DEBIAN/postinst", `#!/bin/sh\nexport ${settings}`);
    run("chmod", ["755", "app/DEBIAN/postinst"], root);
    write(root, "app/etc/app.env", settings);
    run(
      "dpkg-deb",
      ["--root-owner-group", `-Z${compression}`, "--uniform-compression", "--build", "app", "app.deb"],
      root,
    );
    const packed = (name: string): string => (ending === "" ? name : `${name}.${ending} > ${name}`);
    expect(await inspectFiles({ "app.deb": readFileSync(join(root, "app.deb")) })).toEqual({
      found: [`/app.deb > ${packed("control.tar")} > postinst: 1`, `/app.deb > ${packed("data.tar")} > etc/app.env: 1`],
      gaps: [],
      undecoded: {},
    });
  });
});

describe.skipIf(isMissing("rpmbuild"))("rpmbuild", () => {
  const spec = `Name: app
Version: 1
Release: 1
Summary: a
License: a
BuildArch: noarch
%description
a
%prep
%install
mkdir -p %{buildroot}/etc
cp %{_sourcedir}/app.env %{buildroot}/etc/app.env
%files
/etc/app.env
`;
  function build(root: string, payload: string, more: readonly string[] = []): Buffer {
    write(root, "app.spec", spec);
    write(root, "app.env", settings);
    const defines = [`_topdir ${root}`, `_sourcedir ${root}`, `_rpmdir ${root}`, `_binary_payload ${payload}`, ...more];
    run("rpmbuild", ["-bb", "--quiet", ...defines.flatMap((define) => ["--define", define]), "app.spec"], root);
    const [name = ""] = readdirSync(join(root, "noarch"));
    return readFileSync(join(root, "noarch", name));
  }

  test.each([
    ["gzip", "w9.gzdio", true],
    ["xz", "w2.xzdio", true],
    ["zstd", "w3.zstdio", true],
    ["none", "w.ufdio", false],
  ])("%s", async (_, payload, isPacked) => {
    expect(await inspectFiles({ "app.rpm": build(folder(), payload) })).toEqual({
      found: [`/app.rpm > payload${isPacked ? " > payload (unpacked)" : ""} > ./etc/app.env: 1`],
      gaps: [],
      undecoded: {},
    });
  });

  test("bzip2 and lzma are counted", async () => {
    const root = folder();
    const other = folder();
    const seen = await inspectFiles({ "a.rpm": build(root, "w9.bzdio"), "b.rpm": build(other, "w2.lzdio") });
    expect(seen).toEqual({ found: [], gaps: [], undecoded: { bzip2: 1, lzma: 1 } });
  });

  test("what a package says of itself", async () => {
    const root = folder();
    const bytes = build(root, "w9.gzdio", [`vendor ${fakeToken("user", 2)}`]);
    expect((await inspectFiles({ "app.rpm": bytes })).found).toContain("/app.rpm: 2");
  });
});

describe("packages that were kept", () => {
  const kept = fileURLToPath(new URL("../../../fixtures/packages", import.meta.url));
  const places: Readonly<Record<string, string>> = {
    "app-1-0.conda": "pkg-app-1-0.tar.zst > pkg-app-1-0.tar > etc/app.env",
    "app-1-py3-none-any.whl": "app/app.env",
    "gzip.deb": "data.tar.gz > data.tar > etc/app.env",
    "xz.deb": "data.tar.xz > data.tar > etc/app.env",
    "zstd.deb": "data.tar.zst > data.tar > etc/app.env",
    "gz.rpm": "payload > payload (unpacked) > ./etc/app.env",
    "xz.rpm": "payload > payload (unpacked) > ./etc/app.env",
    "zst.rpm": "payload > payload (unpacked) > ./etc/app.env",
  };

  test("are all looked at", () => {
    expect(
      readdirSync(kept)
        .filter((name) => name !== "versions.txt")
        .sort(),
    ).toEqual(Object.keys(places).sort());
  });

  test.each(Object.entries(places))("%s", async (name, place) => {
    expect(await partsWith(readFileSync(join(kept, name)), "HF_TOKEN=@@TOKEN:user:")).toEqual([place]);
  });
});
