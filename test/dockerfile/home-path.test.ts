import { describe, expect, it } from "vitest";
import {
  covers,
  deletes,
  isHuggingFaceHome,
  normalPath,
  tokenFiles,
  type Environment,
} from "../../src/dockerfile/home-path.ts";

function environment(values: Readonly<Record<string, string>> = {}): Environment {
  return (name) => values[name];
}

const TOKEN = "~/.cache/huggingface/token";

describe("tokenFiles", () => {
  it.each([
    [{}, "~/.cache/huggingface"],
    [{ XDG_CACHE_HOME: "/var/cache" }, "/var/cache/huggingface"],
    [{ XDG_CACHE_HOME: "/var/cache", HF_HOME: "/models/" }, "/models"],
    [{ HF_HOME: "" }, "~/.cache/huggingface"],
    [{ HF_HOME: "~/hf" }, "~/hf"],
    [{ HF_HOME: "$HOME/hf" }, "~/hf"],
    [{ HF_HOME: "${BASE}/hf", BASE: "/srv" }, "/srv/hf"],
    [{ HF_HOME: "/x", HF_TOKEN_PATH: "/run/t/token" }, "/run/t"],
    [{ HUGGINGFACE_HUB_CACHE: "/y", HF_HUB_CACHE: "/z" }, "~/.cache/huggingface"],
  ])("follows %j", (values, folder) => {
    expect(tokenFiles(environment(values))).toEqual([`${folder}/token`, `${folder}/stored_tokens`]);
  });

  it("keeps the name that HF_TOKEN_PATH gives", () => {
    expect(tokenFiles(environment({ HF_TOKEN_PATH: "/srv/key" }))).toEqual(["/srv/key", "/srv/stored_tokens"]);
  });
});

describe("normalPath", () => {
  it.each([
    ["/root/.cache//huggingface/", "~/.cache/huggingface"],
    ["/home/app/.cache/./huggingface", "~/.cache/huggingface"],
    ["$HOME/.cache", "~/.cache"],
    ["${HOME}/.cache", "~/.cache"],
    ["${HF_HOME:-/root/x}", "~/x"],
    ["~app/x", "~/x"],
    ["/rooted/x", "/rooted/x"],
    ["/home", "/home"],
    ["/", "/"],
    ["$UNKNOWN/x", "$UNKNOWN/x"],
  ])("spells %j as %j", (path, normal) => {
    expect(normalPath(path, environment())).toBe(normal);
  });

  it("ends on variables that stand for themselves", () => {
    expect(normalPath("$A/x", environment({ A: "$A$A" })).endsWith("/x")).toBe(true);
  });
});

describe("deletes", () => {
  it.each([
    ["~/.cache/huggingface/token", false],
    ["/root/.cache/huggingface/token", false],
    ["~/.cache/huggingface/*", false],
    ["~/.cache/huggingface/tok*", false],
    ["~/.cache/huggingface/?oken", false],
    ["~/.cache/huggingface/{token,stored_tokens}", false],
    ["~/.cache/huggingface", true],
    ["~/.cache/", true],
    ["~/.cache/hugg*", true],
    ["~/.cache/*", true],
    ["/root", true],
    ["~/.[a-z]*", true],
  ])("%s takes the token along (recursive: %s)", (pattern, isRecursive) => {
    expect(deletes(pattern, TOKEN, isRecursive, environment())).toBe(true);
  });

  it.each([
    ["~/.cache/huggingface", false],
    ["~/.cache/huggingface/hub", true],
    ["~/.cache/huggingface/stored_tokens", true],
    ["~/.cache/pip", true],
    ["~/*", true],
    ["~/.cache/huggingface/token/x", true],
    ["~/.cache/huggingface/*.lock", true],
    ["/opt/.cache/huggingface", true],
    [".cache/huggingface", true],
    ["", true],
  ])("%s does not (recursive: %s)", (pattern, isRecursive) => {
    expect(deletes(pattern, TOKEN, isRecursive, environment())).toBe(false);
  });
});

describe("covers", () => {
  it.each(["/root/.cache/huggingface", "/root/.cache/", "/root", "~", "/", "/root/.cache/huggingface/token"])(
    "%s does",
    (target) => {
      expect(covers(target, TOKEN, environment())).toBe(true);
    },
  );

  it.each(["/root/.cache/huggingface/hub", "/root/.cache/pip", "/root/.cache/hugging", "/models", "/rootx"])(
    "%s does not",
    (target) => {
      expect(covers(target, TOKEN, environment())).toBe(false);
    },
  );
});

describe("isHuggingFaceHome", () => {
  it.each([
    ".cache/huggingface",
    "./.cache/huggingface/",
    "/root/.cache/huggingface",
    "cache/.cache/huggingface/token",
    ".cache/huggingface/stored_tokens",
    ".huggingface",
    "~/.huggingface/token",
    "hf_home",
    "hf-home/",
    "/root/.cache",
    ".cache",
  ])("%s is one", (path) => {
    expect(isHuggingFaceHome(path, environment())).toBe(true);
  });

  it.each([
    ".cache/huggingface/hub",
    ".cache/huggingface/hub/models--a--b",
    "models--a--b",
    "cache/snapshots",
    ".cache/huggingface/datasets",
    "huggingface",
    "src/huggingface",
    "token",
    "docs/huggingface.md",
    ".cache/pip",
    ".cached",
    "hf",
  ])("%s is none", (path) => {
    expect(isHuggingFaceHome(path, environment())).toBe(false);
  });

  it("knows where HF_HOME points", () => {
    expect(isHuggingFaceHome("/models", environment({ HF_HOME: "/models" }))).toBe(true);
    expect(isHuggingFaceHome("/models/token", environment({ HF_HOME: "/models" }))).toBe(true);
    expect(isHuggingFaceHome("/models/hub", environment({ HF_HOME: "/models" }))).toBe(false);
  });
});
