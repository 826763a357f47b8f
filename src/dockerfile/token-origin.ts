/**
 * Where a value in a RUN comes from, when that may be a token: a build argument, a secret mount, a file, a text. Plain
 * values; which build arguments carry a token is known only when the whole file has been read.
 */

import type { TokenNames } from "../token/name.ts";
import type { Step } from "./facts.ts";
import { mountTarget, type Mount } from "./run-script.ts";
import type { Definition } from "./scope.ts";
import { basename } from "./wrappers.ts";

/** Something that may be a token, with the way that it took. */
export interface Origin {
  /** The ARG or ENV whose value it is; null for anything else. */
  readonly definition: Definition | null;
  /** True when it is known for a Hugging Face token by itself: a secret's name, a token's shape, a client that prints it. */
  readonly isToken: boolean;
  /** What it is, such as `the secret hf`; for messages. */
  readonly what: string;
  /** The id of the secret mount that it is read from. */
  readonly secretId: string | null;
  /** True for a token that stands in the script, where `token-literal` finds it. */
  readonly isLiteral: boolean;
  /** From the source on; without the declaration of `definition`. */
  readonly steps: readonly Step[];
}

/** What a value is made of, as far as it matters. */
export type Origins = readonly Origin[];

/** Longer chains than any reader follows are cut. */
const MAX_STEPS = 12;
/** More sources than any value has. */
const MAX_ORIGINS = 32;

const SECRET_NAME = /^(?:hf|hugging[-_]?face)$/i;

/** The id under which the build hands over a secret. */
export function secretId(mount: Mount): string {
  const { options } = mount;
  return options.get("id") ?? options.get("src") ?? options.get("source") ?? basename(mountTarget(mount) ?? "HF_TOKEN");
}

/** True for a secret mount whose names say that it is a Hugging Face token. */
export function isTokenMount(mount: Mount, isTokenName: TokenNames): boolean {
  if (mount.type !== "secret") return false;
  const names = ["id", "src", "source", "env"].flatMap((key) => mount.options.get(key) ?? []);
  const target = mountTarget(mount);
  if (target !== null && /huggingface\/(?:token|stored_tokens)$/.test(target)) return true;
  return [...names, basename(target ?? "")].some((name) => SECRET_NAME.test(name) || isTokenName(name));
}

/** The value of an ARG or ENV. */
export function fromDefinition(definition: Definition): Origin {
  const { name } = definition;
  return { definition, isToken: false, what: name, secretId: null, isLiteral: false, steps: [] };
}

/** What a secret mount hands over. */
export function fromSecret(mount: Mount, isTokenName: TokenNames): Origin {
  const id = secretId(mount);
  const steps = [{ span: mount.span, text: `the secret ${id} is mounted here` }];
  return {
    definition: null,
    isToken: isTokenMount(mount, isTokenName),
    what: `the secret ${id}`,
    secretId: id,
    isLiteral: false,
    steps,
  };
}

/** A value that shows itself to be a token. */
export function fromToken(what: string, steps: readonly Step[], isLiteral: boolean = false): Origin {
  return { definition: null, isToken: true, what, secretId: null, isLiteral, steps };
}

/** The same values, one step further. */
export function carried(origins: Origins, step: Step): Origins {
  return origins.map((origin) => {
    if (origin.steps.length >= MAX_STEPS || origin.steps.at(-1)?.span.start === step.span.start) return origin;
    return { ...origin, steps: [...origin.steps, step] };
  });
}

/** All of these, each source once. */
export function merged(...lists: readonly Origins[]): Origins {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length < 2) return filled[0] ?? [];
  const found: Origin[] = [];
  for (const origin of filled.flat()) {
    const isKnown = found.some(({ definition, what }) => definition === origin.definition && what === origin.what);
    if (!isKnown && found.length < MAX_ORIGINS) found.push(origin);
  }
  return found;
}
