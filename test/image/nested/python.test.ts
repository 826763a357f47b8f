/** Tokens in what Python writes: byte code, pickles (also those of torch), wheels, notebooks. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { removeFolders, temporaryFolder } from "../../support/images.ts";
import { inspectFiles } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { isMissing, python } from "../../support/writers.ts";

afterAll(removeFolders);

const token = fakeToken();

/** The files that a program writes into its folder. */
async function written(program: string, names: readonly string[]): Promise<Record<string, Buffer>> {
  const folder = await temporaryFolder();
  python(`import sys\nt = sys.argv[1]\n${program}`, [token], folder);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}

describe.skipIf(isMissing("python3"))("Python", () => {
  const sources = [
    "T = '{}'",
    "login('{}')",
    "A = 'x'; T = 'key={}'; B = 1",
    "T = 'Authorization: Bearer {}'",
    "def f(a='{}', b=None): return a",
    "D = dict(token='{}', next='N')",
    `T = '${"long ".repeat(60)}{}'`,
    "T = b'{}'; U = None",
    "class A:\\n  '''doc'''\\n  token: str = '{}'\\n",
    "def f():\\n  '''uses {}'''\\n",
    "T = ('{}', 'zebra', 3)",
    "T = f'{x}{}'",
  ];

  test.each(sources)("byte code of %s", async (source) => {
    const files = await written(
      `import py_compile\nopen("m.py", "w").write("""${source}""".replace("{}", t))\npy_compile.compile("m.py", "m.pyc")`,
      ["m.pyc"],
    );
    expect(await inspectFiles(files)).toEqual({ found: ["/m.pyc: 1"], gaps: [], undecoded: {} });
  });

  test.each([0, 1, 2, 3, 4, 5])("a pickle of protocol %i", async (protocol) => {
    const values = [
      "t",
      "{'token': t, 'n': 1}",
      "['a', 'Bearer ' + t, 'b']",
      "t.encode()",
      "(t, None, 'q')",
      "{t: t + 'q'}",
    ];
    const names = values.map((_, i) => `${i}.pkl`);
    const files = await written(
      `import pickle\nfor i, v in enumerate([${values.join(",")}]):\n  pickle.dump(v, open(f"{i}.pkl", "wb"), ${protocol})`,
      names,
    );
    expect((await inspectFiles(files)).found).toEqual(names.map((name) => `/${name}: 1`));
  });

  test("training arguments, as torch saves them", async () => {
    const files = await written(
      `import pickle, zipfile
z = zipfile.ZipFile("training_args.bin", "w")
z.writestr("training_args/data.pkl", pickle.dumps({"hub_token": t, "push_to_hub": True}, 2))
z.writestr("training_args/version", "3\\n")
z.close()`,
      ["training_args.bin"],
    );
    expect((await inspectFiles(files)).found).toEqual(["/training_args.bin > training_args/data.pkl: 1"]);
  });

  test("a wheel and a source package, as their tools pack them", async () => {
    const files = await written(
      `import zipfile, tarfile, io, lzma, bz2
z = zipfile.ZipFile("a-1-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED)
z.writestr("a/config.py", f"T = '{t}'\\n")
z.writestr("a-1.dist-info/RECORD", "a/config.py,,\\n")
z.close()
for mode in ("gz", "xz"):
  s = tarfile.open("a-1.tar." + mode, "w:" + mode)
  i = tarfile.TarInfo("a-1/a/config.py")
  b = f"T = '{t}'\\n".encode()
  i.size = len(b)
  s.addfile(i, io.BytesIO(b))
  s.close()`,
      ["a-1-py3-none-any.whl", "a-1.tar.gz", "a-1.tar.xz"],
    );
    expect(await inspectFiles(files)).toEqual({
      found: [
        "/a-1-py3-none-any.whl > a/config.py: 1",
        "/a-1.tar.gz > a-1.tar > a-1/a/config.py: 1",
        "/a-1.tar.xz > a-1.tar > a-1/a/config.py: 1",
      ],
      gaps: [],
      undecoded: {},
    });
  });
});

test("a notebook: what a cell prints, with JSON's own line ends", async () => {
  const cell = {
    cell_type: "code",
    source: ["login()\n", `${token}\n`],
    outputs: [{ text: `logged in as\n${token}\n` }],
  };
  const notebook = JSON.stringify({ cells: [cell], nbformat: 4 });
  expect((await inspectFiles({ "a.ipynb": notebook })).found).toEqual(["/a.ipynb: 1"]);
});
