/**
 * The credentials for a registry, from docker's config and its credential helpers. Reads; never writes, and never says
 * what a helper or the config said. Facts: docker/cli, `cli/config/configfile` and `docker-credential-helpers`.
 */

import { spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../model/errors.ts";
import { PullFailure } from "./failure.ts";
import { isRecord, parseJson, stringIn } from "../model/json.ts";
import type { Environment } from "./proxy.ts";

/** What a registry may be shown. */
export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** A refresh token for the registry's token service. */
  | { readonly kind: "identity"; readonly token: string }
  /** A bearer token as it is. */
  | { readonly kind: "bearer"; readonly token: string };

const MAX_CONFIG_BYTES = 1_048_576;
const MAX_ANSWER_BYTES = 65_536;
const HELPER_MS = 30_000;
const LINGER_MS = 1000;
/** The user name by which a helper says that its secret is an identity token. */
const IDENTITY_USER = "<token>";

function configPath(environment: Environment): string | null {
  const { DOCKER_CONFIG: folder, HOME, USERPROFILE } = environment;
  if (folder !== undefined && folder !== "") return join(folder, "config.json");
  const home = HOME ?? USERPROFILE;
  return home === undefined || home === "" ? null : join(home, ".docker", "config.json");
}

async function readConfig(environment: Environment): Promise<Readonly<Record<string, unknown>>> {
  const path = configPath(environment);
  if (path === null) return {};
  let text: string;
  try {
    if ((await stat(path)).size > MAX_CONFIG_BYTES)
      throw new PullFailure("unreadable", "docker's config.json is too large");
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return {};
    if (code === null) throw error;
    throw new PullFailure("unreadable", `docker's config.json cannot be read (${code})`);
  }
  const value = parseJson(text);
  if (isRecord(value)) return value;
  throw new PullFailure("unreadable", "docker's config.json is no JSON object");
}

/** The answer of `docker-credential-<name> get`; null when it knows no credentials for the host. */
async function askHelper(
  name: string,
  host: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<Credentials | null> {
  const program = `docker-credential-${name}`;
  if (!/^\w[\w.-]*$/.test(name))
    throw new PullFailure("unreadable", "docker's config.json names no credential helper's name");
  const child = spawn(program, ["get"], {
    env: { ...environment },
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
    timeout: HELPER_MS,
    killSignal: "SIGKILL",
  });
  const kill = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  const parts: Buffer[] = [];
  let bytes = 0;
  child.stdout.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes <= MAX_ANSWER_BYTES) parts.push(part);
    else kill();
  });
  // A helper may end without reading what it is asked.
  child.stdin.on("error", () => {});
  child.stdin.end(`${host}\n`);
  try {
    const failure = await new Promise<string | null>((resolve) => {
      child.once("error", (error) => resolve(errorCode(error) === "ENOENT" ? "is not on the PATH" : "cannot be run"));
      const ended = (code: number | null): void =>
        resolve(code === 0 ? null : `failed (${code === null ? "killed" : `exit code ${code}`})`);
      child.once("close", ended);
      // What a helper starts, such as an agent, may keep the pipe open for ever.
      child.once("exit", (code) => setTimeout(ended, LINGER_MS, code).unref());
    });
    const text = Buffer.concat(parts).toString("utf8");
    if (failure !== null) {
      if (/credentials not found/i.test(text)) return null;
      throw new PullFailure("unreadable", `${program}, which docker's config.json names for ${host}, ${failure}`);
    }
    const value = parseJson(text);
    if (value === undefined) throw new PullFailure("unreadable", `the answer of ${program} is no JSON`);
    const username = stringIn(value, "Username") ?? "";
    const secret = stringIn(value, "Secret") ?? "";
    if (secret === "") return null;
    if (username === IDENTITY_USER) return { kind: "identity", token: secret };
    return { kind: "password", username, password: secret };
  } finally {
    signal.removeEventListener("abort", kill);
    child.stdout.destroy();
  }
}

/** A key of `auths` without what old logins put around the host. */
function hostOf(key: string): string {
  return key
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/s, "")
    .toLowerCase();
}

function storedCredentials(config: Readonly<Record<string, unknown>>, host: string): Credentials | null {
  const auths = config["auths"];
  if (!isRecord(auths)) return null;
  const keys = Object.keys(auths).filter((key) => hostOf(key) === host);
  const entry = auths[keys.find((key) => key === host) ?? keys[0] ?? ""];
  const bearer = stringIn(entry, "registrytoken") ?? "";
  if (bearer !== "") return { kind: "bearer", token: bearer };
  const identity = stringIn(entry, "identitytoken") ?? "";
  if (identity !== "") return { kind: "identity", token: identity };
  const [username = "", ...rest] = Buffer.from(stringIn(entry, "auth") ?? "", "base64")
    .toString("utf8")
    .split(":");
  const password = rest.join(":").replace(/\0+$/, "");
  if (password !== "") return { kind: "password", username, password };
  const plain = stringIn(entry, "password") ?? "";
  return plain === "" ? null : { kind: "password", username: stringIn(entry, "username") ?? "", password: plain };
}

/**
 * The credentials for exactly this `host[:port]`; null when there are none. Every secret goes to `hide` first.
 * @throws PullFailure for a config that cannot be read, and a helper that fails
 */
export async function findCredentials(
  host: string,
  {
    environment,
    signal,
    hide,
  }: { readonly environment: Environment; readonly signal: AbortSignal; readonly hide: (secret: string) => void },
): Promise<Credentials | null> {
  const config = await readConfig(environment);
  const helper = stringIn(config["credHelpers"], host) ?? stringIn(config, "credsStore") ?? "";
  const asked = helper === "" ? null : await askHelper(helper, host, environment, signal);
  const found = asked ?? storedCredentials(config, host);
  if (found === null) return null;
  hide(found.kind === "password" ? found.password : found.token);
  if (found.kind === "password") hide(`${found.username}:${found.password}`);
  return found;
}
