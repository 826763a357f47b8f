import { describe, expect, test } from "vitest";
import { readForFix } from "../../src/fix/dockerfile-reading.ts";
import { readingOf } from "../../src/fix/token-reader.ts";
import { lintDockerfileFacts } from "../../src/lint.ts";

/** How the RUN of this script reads a variable. */
function reading(script: string, name: string = "HF_TOKEN"): string {
  const { facts } = lintDockerfileFacts(`FROM a\nARG ${name}\nRUN ${script}\n`);
  const run = readForFix(facts).placed.find((placed) => placed.run !== null)?.run;
  return run === null || run === undefined ? "none" : readingOf(run, name);
}

describe("a RUN reads a variable", () => {
  test.each([
    ["echo $HF_TOKEN > /dev/null", "named"],
    ["python -c \"import os; os.environ['HF_TOKEN']\"", "named"],
    ["HF_TOKEN=${HF_TOKEN:-x} hf download a/b", "named"],
    ["hf download a/b", "program"],
    ["uv run --no-sync python download.py", "program"],
    ["accelerate launch train.py", "program"],
    ["make models", "maybe"],
    ["find . -name '*.py' -exec python {} +", "maybe"],
    ["sh ./download.sh", "maybe"],
    ["env", "maybe"],
    ["git clone https://huggingface.co/a/b", "maybe"],
    ["git clone $ADDRESS", "maybe"],
    ["git clone --recurse-submodules https://github.com/a/b", "maybe"],
    ["git clone -c credential.helper=x https://github.com/a/b", "maybe"],
    ["git lfs pull", "maybe"],
    ["conda run -n x python x.py", "program"],
    ["bash -c 'pip install x && python x.py'", "program"],
  ])("%s: %s", (script, how) => {
    expect(reading(script)).toBe(how);
  });

  test("of any name, where code of the project runs; under its own names alone, where a client does", () => {
    const others = ["python x.py", "uvicorn app:app", "make", "hf download a/b", "vllm serve a/b"];
    expect(others.map((script) => reading(script, "WORKER_KEY_HF_TOKEN"))).toEqual([
      "program",
      "program",
      "maybe",
      "no",
      "no",
    ]);
  });
});

describe("a RUN does not read it", () => {
  test.each([
    "apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*",
    "pip install --no-cache-dir -r requirements.txt",
    "git clone --depth 1 https://github.com/a/b && cd b && git checkout abc && git lfs install",
    "conda install -y x && mamba clean -a && wandb login $KEY && nvidia-smi",
    "python -m pip install x",
    "uv pip install --system x",
    "hf auth login --token $OTHER",
    "HF_TOKEN=$(cat /run/secrets/x) python x.py",
    "set -e; export HF_TOKEN=$(cat /run/secrets/HF_TOKEN); python x.py",
    "--mount=type=secret,id=x,env=HF_TOKEN python x.py",
  ])("%s", (script) => {
    expect(reading(script)).toBe("no");
  });

  test("before it sets it under a condition, or too late, it does", () => {
    expect(reading("true || export HF_TOKEN=$(cat /x); python x.py")).toBe("program");
    expect(reading("python x.py; export HF_TOKEN=$(cat /x)")).toBe("program");
  });
});
