/**
 * Says whether a RUN reads a variable: because its text names it, because it starts a program that reads a token from the
 * environment, or perhaps, because nobody knows what a program does. Only programs that are known to read no token count
 * as not reading it. Pure.
 */

import { isPython, type Invocation } from "../dockerfile/invocation.ts";
import { hubClient, isLogin } from "../dockerfile/login.ts";
import type { RunRecord } from "../dockerfile/run-record.ts";
import { wholeText } from "./dockerfile-reading.ts";

/** How a RUN comes to read a variable; `maybe` for a program that nobody knows. */
export type Reading = "named" | "program" | "maybe" | "no";

/** Programs of the system, of packages and of archives: none reads a Hugging Face token from its environment. */
const HARMLESS = new Set(
  `: . [ [[ alias aria2c break continue getopts jobs kill let popd pushd times wait addgroup adduser add-apt-repository apk apt apt-cache apt-get apt-key apt-mark awk basename cat cd chgrp chmod chown
  command comm cp curl cut date dd deluser df dirname dnf dos2unix dpkg dpkg-reconfigure du echo exit expand export false ffmpeg file find
  fold free getent gpg grep groupadd groupmod gunzip gzip head hash hostname id install jq ldconfig ldd ln local locale-gen ls lsb_release
  microdnf mkdir mktemp mv nproc nvcc nvidia-smi openssl passwd patch pip pip3 pipx printf pwd readlink readonly realpath return rm rmdir rpm sed set sha256sum
  shift shopt shred sleep sort ssh-keygen stat strip su-exec sync tail tar tdnf tee test touch tr trap true truncate type tzdata ulimit umask
  uname uniq unlink unset unxz unzip update-alternatives update-ca-certificates useradd usermod wandb wc wget which whoami xz yum
  zypper`.split(/\s+/),
);
/** Programs other than the hub's own client that read HF_TOKEN, and run no code of the project's. */
const READERS = new Set(
  "autotrain diffusers-cli llama-cli llama-server lm_eval lm-eval optimum-cli text-embeddings-router text-generation-launcher text-generation-server transformers transformers-cli trl vllm".split(
    " ",
  ),
);
/** Programs that run Python code of the project's, which may read any variable. */
const RUNNERS = new Set("accelerate cog deepspeed gunicorn pytest torchrun tune uvicorn".split(" "));
/** The names that these programs read (facts: the hub's library, text-generation-inference, LangChain, litellm). */
const CLIENT_NAMES: ReadonlySet<string> = new Set([
  "HF_TOKEN",
  "HUGGING_FACE_HUB_TOKEN",
  "HF_API_TOKEN",
  "HUGGINGFACEHUB_API_TOKEN",
  "HUGGINGFACE_API_KEY",
]);
/** Subcommands of `uv` and `python -m` that only handle packages. */
const PACKAGES =
  /^(?:pip|venv|sync|lock|add|remove|init|python|cache|tool|self|export|build|ensurepip|virtualenv|compileall)$/;

/** Subcommands of conda and its kin that only handle packages. */
const CONDA_PACKAGES = /^(?:clean|config|create|env|info|init|install|list|remove|search|shell|update|upgrade)$/;
/** Subcommands of git that go to no host but the one of the address behind them. */
const GIT_LOCAL = /^(?:add|apply|checkout|clone|commit|config|init|log|reset|rev-parse|status|switch|tag|version)$/;
/** Where git may ask for a Hugging Face token. */
const HUB = /huggingface|\bhf\.co\b|credential|recurs/;

/** True for a git that asks nobody for a token: it goes nowhere, or to a host that is written there and not the hub's. */
function isOtherGit(args: Invocation["args"]): boolean {
  const [first] = args;
  if (first?.value === "lfs") return args[1]?.value === "install";
  if (!GIT_LOCAL.test(first?.value ?? "") || args.some(({ value }) => HUB.test(value ?? ""))) return false;
  return first?.value !== "clone" || args.some(({ value }) => value?.startsWith("https://"));
}

/** A name as a part of a regular expression that means this name. */
export function escaped(name: string): string {
  return name.replaceAll(/[^\w]/g, "\\$&");
}

/** True when a program is known to read no token. */
export function isHarmless({ program, args, command, code }: Invocation): boolean {
  if (program === "") return command.words.length === 0;
  if (program === "find" && args.some(({ value }) => value?.startsWith("-exec") === true)) return false;
  if (HARMLESS.has(program)) return true;
  const [first, second] = args;
  if (program === "git") return isOtherGit(args);
  if (/^(?:conda|mamba|micromamba)$/.test(program)) return CONDA_PACKAGES.test(first?.value ?? "");
  if (program === "uv") return PACKAGES.test(first?.value ?? "");
  return isPython(program) && code === null && first?.value === "-m" && PACKAGES.test(second?.value ?? "");
}

/** True for a program of which it is known what it reads: the names of the hub's clients, and no others. */
function readsClientNamesOnly(invocation: Invocation): boolean {
  return hubClient(invocation) !== null || READERS.has(invocation.program);
}

/** True when a program is known to read a token from its environment, or is Python code, of which that is to be expected. */
export function isReader(invocation: Invocation): boolean {
  if (isHarmless(invocation) || isLogin(invocation)) return false;
  return isPython(invocation.program) || RUNNERS.has(invocation.program) || readsClientNamesOnly(invocation);
}

/** True when a script sets the variable by itself before it starts a program that might read it. */
function setsFirst({ script }: RunRecord, name: string): boolean {
  for (const invocation of script.invocations) {
    const { command } = invocation;
    if (!isHarmless(invocation)) return false;
    const own = command.words.length === 0 ? command.assignments : [];
    const exported = invocation.program === "export" ? command.declarations : [];
    if (!command.isConditional && [...own, ...exported].some((item) => item.name === name)) return true;
  }
  return false;
}

/** True when the text of a RUN names the variable other than to set it. */
export function namesVariable(text: string, name: string): boolean {
  return (
    text.includes(name) &&
    new RegExp(`(?<![\\w])${escaped(name)}(?![\\w=])`).test(
      text.replaceAll(/--mount=\S+|\/run\/secrets\/[\w.-]+/g, " "),
    )
  );
}

/** How a RUN reads a variable that it finds in its environment. */
export function readingOf(record: RunRecord, name: string): Reading {
  const { script, instruction } = record;
  if (script.mounts.some(({ type, options }) => type === "secret" && options.get("env") === name)) return "no";
  if (namesVariable(wholeText(instruction), name)) return "named";
  if (script.foreign !== null) return "maybe";
  if (setsFirst(record, name)) return "no";
  const others = script.invocations.filter((invocation) => {
    if (isHarmless(invocation) || invocation.assignments.some((item) => item.name === name)) return false;
    return !readsClientNamesOnly(invocation) || (CLIENT_NAMES.has(name) && !isLogin(invocation));
  });
  if (others.some(isReader)) return "program";
  return others.length > 0 ? "maybe" : "no";
}
