/** From what a user typed to an image that is not on disk: in an engine or a registry. Opens nothing. */

import { HullcheckError } from "../model/errors.ts";
import { registryAt, registryOf, urlMistake, type Registry } from "./address.ts";
import { parseReference, referenceName, type Reference } from "./reference.ts";

/** A program that keeps images and has `save`. */
export type Engine = "docker" | "podman" | "nerdctl";

/** The engines that may be asked; a name from anywhere else is no program to run. */
export const ENGINES: readonly Engine[] = ["docker", "podman", "nerdctl"];

/** What the command line says of engines and registries. */
export interface RemoteSettings {
  /** `docker` unless given. */
  readonly engine?: Engine;
  /** The registry to ask instead of the one that a reference names. */
  readonly registryUrl?: string;
  /** Ask registries by http. */
  readonly plainHttp?: boolean;
}

/** An image that is not on disk. */
export type Remote = {
  /** What the report calls it. */
  readonly name: string;
} & (
  | { readonly kind: "engine"; readonly engine: Engine; readonly image: string }
  | { readonly kind: "registry"; readonly registry: Registry; readonly reference: Reference }
);

const REGISTRY = "docker:";
const DAEMON = "docker-daemon:";
const FORM = "docker://HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]";

/** A name in an error: not when it may hold a login. */
function quoted(name: string): string {
  return name.includes("@") || name.length > 200 ? "the name" : `'${name}'`;
}

function registryFor(reference: Reference, typed: string, settings: RemoteSettings): Registry {
  const { registryUrl, plainHttp = false } = settings;
  if (registryUrl !== undefined) {
    const mistake = urlMistake(registryUrl, plainHttp);
    if (mistake === null) return registryOf(registryUrl, plainHttp);
    const hint =
      mistake === "is plain http"
        ? "take https, or allow it with --plain-http"
        : "write for example --registry-url https://mirror.example; a login is taken from docker's config";
    throw new HullcheckError("usage", `the value of --registry-url ${mistake}`, { hint });
  }
  if (reference.host === null) {
    throw new HullcheckError("usage", `${quoted(typed)} names no registry`, {
      hint: `write ${FORM}, or name the registry with --registry-url`,
    });
  }
  try {
    return registryAt(reference.host, plainHttp);
  } catch {
    throw new HullcheckError("usage", `${quoted(typed)} names no host that can be asked`, { hint: `write ${FORM}` });
  }
}

/** True for a source that is read from the network, which only the command line may ask for. */
export function needsNetwork(source: string): boolean {
  return source.startsWith(REGISTRY);
}

/** The image in an engine or registry that a source names; null for any other source. Throws a usage error. */
export function parseRemote(source: string, settings: RemoteSettings = {}): Remote | null {
  const isInRegistry = needsNetwork(source);
  if (!isInRegistry && !source.startsWith(DAEMON)) return null;
  const name = source.slice((isInRegistry ? REGISTRY : DAEMON).length);
  if (!isInRegistry) {
    const { engine = "docker" } = settings;
    // What is run is of this list, whatever a caller without types hands in.
    if (!ENGINES.includes(engine)) throw new HullcheckError("usage", "the engine is not one of those that are known");
    if (parseReference(name) !== null) return { name, kind: "engine", engine, image: name };
    throw new HullcheckError("usage", `${quoted(name)} is no image's name`, {
      hint: "write docker-daemon:NAME[:TAG], or docker-daemon: and an image's id",
    });
  }
  const reference = name.startsWith("//") ? parseReference(name.slice(2)) : null;
  if (reference === null) {
    throw new HullcheckError("usage", `${quoted(source)} is no image in a registry`, { hint: `write ${FORM}` });
  }
  const registry = registryFor(reference, name.slice(2), settings);
  return { name: referenceName(reference), kind: "registry", registry, reference };
}
