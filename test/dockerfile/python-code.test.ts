import { describe, expect, it } from "vitest";
import { environmentReads, hubCalls } from "../../src/dockerfile/python-code.ts";

function logins(code: string): string[] {
  return hubCalls(code, ["login", "HfFolder.save_token", "HfFolder().save_token"]).map(({ start, end }) =>
    code.slice(start, end),
  );
}

describe("hubCalls", () => {
  it.each([
    ["from huggingface_hub import login\nlogin(T)", ["login(T)"]],
    ["from huggingface_hub import login as x; x( 't' )", ["x( 't' )"]],
    ["from huggingface_hub import (\n  HfApi,\n  login as x,\n)\nx(t)", ["x(t)"]],
    ["from huggingface_hub._login import login\nlogin(t)", ["login(t)"]],
    ["from huggingface_hub import *\nlogin(t)", ["login(t)"]],
    ["import huggingface_hub\nhuggingface_hub.login(t)", ["huggingface_hub.login(t)"]],
    ["import huggingface_hub as h\nh.login(t)", ["h.login(t)"]],
    ["import os, huggingface_hub\nhuggingface_hub.login(t)", ["huggingface_hub.login(t)"]],
    ["import os, huggingface_hub as h, sys\nh.login(t)", ["h.login(t)"]],
    ["from huggingface_hub import HfFolder; HfFolder.save_token(t)", ["HfFolder.save_token(t)"]],
    ["from huggingface_hub import HfFolder as F; F.save_token(t)", ["F.save_token(t)"]],
    ["from huggingface_hub import HfFolder; HfFolder().save_token(t)", ["HfFolder().save_token(t)"]],
    ["import huggingface_hub\nhuggingface_hub.HfFolder.save_token(t)", ["huggingface_hub.HfFolder.save_token(t)"]],
    ["from huggingface_hub import login\nlogin(f(')'), {'a': [1]})  # )", ["login(f(')'), {'a': [1]})"]],
    ["from huggingface_hub import login\nlogin(\n  token=t,\n)\nx()", ["login(\n  token=t,\n)"]],
    ["from huggingface_hub import login\nif x: login(t)\nelse: login(u)", ["login(t)", "login(u)"]],
    ["from huggingface_hub import login\nlogin(t", ["login(t"]],
  ])("finds the logins of %j", (code, calls) => {
    expect(logins(code)).toEqual(calls);
  });

  it.each([
    "from wandb import login\nlogin(t)",
    "import huggingface_hub\nfrom wandb import login\nlogin(t)",
    "from huggingface_hub import HfApi\nlogin(t)",
    "from huggingface_hub import login",
    "from huggingface_hub import login\nx = login",
    "from huggingface_hub import login\nx.login(t); mylogin(t); login_all(t)",
    "# from huggingface_hub import login\nlogin(t)",
    "from huggingface_hub import login\n# login(t)",
    "from huggingface_hub import login\nprint('login(t)')",
    'from huggingface_hub import login\n"""\nlogin(t)\n"""',
    "from huggingface_hub import login\n'''\nlogin(t)\n'''",
    "login(t)",
    "",
  ])("finds none in %j", (code) => {
    expect(logins(code)).toEqual([]);
  });

  it("reads a megabyte of open strings and brackets", () => {
    expect(logins(`from huggingface_hub import login\n${"login(".repeat(2000)}`)).toHaveLength(2000);
    expect(logins(`from huggingface_hub import login\n${'"'.repeat(1_000_001)}`)).toEqual([]);
  });
});

describe("environmentReads", () => {
  it.each([
    ["os.environ['A']", ["A"]],
    ['os.environ["A"], environ.get("B", None), os.getenv( "C" )', ["A", "B", "C"]],
    ["environ[name]; getenv(x); 'A'", []],
  ])("finds the variables of %j", (code, names) => {
    expect(environmentReads(code).map(({ name }) => name)).toEqual(names);
  });
});
