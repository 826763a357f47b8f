/** Reads a compose file: the build arguments of its services, with what `extends` and merge keys bring in. */

import { mappedBuilder, toSourceSpan } from "../dockerfile/mapped-text.ts";
import { envFileValues } from "./env-file.ts";
import type { Build, InlineDockerfile, NamedBuild, PartBuild } from "./facts.ts";
import type { Carriers, GivenArgument } from "./judge-pass.ts";
import { namedBuilds, partBuilds, passBuilds, stagesOf, type SaidBuild } from "./known-build.ts";
import { putInto, type PutIn } from "./put-in.ts";
import { textsOf, type KnownValues } from "./known-value.ts";
import { wordingOf } from "./wording.ts";
import { pairsOf, readYaml, textOf, valueOf, type YamlNode } from "./yaml-file.ts";
import {
  argumentsIn,
  isProvenanceMax,
  MAX_PASSES,
  TOO_MANY_PASSES,
  type FileBeside,
  type Reading,
} from "./yaml-passes.ts";

const MAX_EXTENDS = 16;
/** A name whose value compose puts in; a doubled `$` stays for the Dockerfile, and `${X:+yes}` shows no value. */
const PUT_IN = /\$\$|\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)(?!\w|:?\+)[^{}]{0,200}\}/g;

/** The services that a service is made of, itself first; those of other files are not known here. */
function withBases(services: YamlNode | null, name: string): YamlNode[] {
  const chain: YamlNode[] = [];
  for (let next: string | null = name; next !== null && chain.length < MAX_EXTENDS;) {
    const service: YamlNode | null = valueOf(services, next);
    if (service === null || chain.includes(service)) break;
    chain.push(service);
    const base: YamlNode | null = valueOf(service, "extends");
    const isElsewhere = valueOf(base, "file") !== null;
    next = isElsewhere ? null : (textOf(base) ?? textOf(valueOf(base, "service")));
  }
  return chain;
}

/** The first of some builds that has a key. */
function firstOf(builds: readonly YamlNode[], key: string): YamlNode | null {
  for (const build of builds) {
    const value = valueOf(build, key);
    if (value !== null) return value;
  }
  return null;
}

/** The context that the builds say they have; null when they do not. */
function contextOf(builds: readonly YamlNode[]): string | null {
  const [short] = builds.flatMap((build) => textOf(build) ?? []);
  return textOf(firstOf(builds, "context")) ?? short ?? null;
}

/** The texts that a value may come to; null where there is none. */
function textsIn(text: string | null, known: KnownValues): readonly string[] | null {
  return text === null ? null : textsOf(wordingOf(text, ["dollar"]), known);
}

function saidBy(builds: readonly YamlNode[], known: KnownValues): SaidBuild {
  const isInline = firstOf(builds, "dockerfile_inline") !== null;
  return {
    dockerfiles: isInline ? [] : textsIn(textOf(firstOf(builds, "dockerfile")), known),
    contexts: textsIn(contextOf(builds), known),
    targets: textsIn(textOf(firstOf(builds, "target")), known),
  };
}

/** The arguments of one service; those of a base are left out where the service gives its own. */
function argumentsOf(nodes: readonly YamlNode[], build: Build, carriers: Carriers): GivenArgument[] {
  const setting = {
    form: "compose",
    build,
    syntaxes: ["dollar"],
    carriers,
    isNullGiven: true,
  } as const;
  const known = new Set<string>();
  return nodes.flatMap((node) => {
    const own = argumentsIn(valueOf(node, "args"), setting).filter(({ argument }) => !known.has(argument));
    for (const { argument } of own) known.add(argument);
    return own;
  });
}

/** The Dockerfile that a service's build holds, `$$` as the `$` that compose makes of it. */
function inlineOf(build: YamlNode | null, known: KnownValues): (InlineDockerfile & { putIn: PutIn[] })[] {
  const node = valueOf(build, "dockerfile_inline");
  if (node?.kind !== "scalar" || node.value === null) return [];
  const built = mappedBuilder();
  const { text } = node.text;
  for (let at = 0; at < text.length; at++) {
    const isDoubled = text.startsWith("$$", at);
    const { start, end } = toSourceSpan(node.text, at, at + (isDoubled ? 2 : 1));
    built.add(text.charAt(at), start, Math.max(1, end - start));
    if (isDoubled) at++;
  }
  const targets = stagesOf(textsIn(textOf(valueOf(build, "target")), known));
  const putIn = [...text.matchAll(PUT_IN)].flatMap(({ index, 0: whole, 1: bare, 2: braced }): PutIn[] => {
    const name = bare ?? braced;
    return name === undefined
      ? []
      : [{ reference: { name, shown: name }, span: toSourceSpan(node.text, index, index + whole.length) }];
  });
  return [{ text: built.build(node.span.start), span: node.span, targets, putIn }];
}

/** What the `.env` file beside it says of names; read when the first name is asked for. */
function environmentOf(beside: FileBeside): KnownValues {
  let known: KnownValues | null = null;
  return { get: (name) => (known ??= envFileValues(beside(".env") ?? "")).get(name) };
}

/** Reads the text of a compose file. */
export function readCompose(text: string, known: Carriers, beside: FileBeside): Reading {
  const environment = environmentOf(beside);
  const { roots, problems } = readYaml(text);
  const given: GivenArgument[] = [];
  const builds: NamedBuild[] = [];
  const parts: PartBuild[] = [];
  const inlineDockerfiles: InlineDockerfile[] = [];
  for (const services of roots.map((root) => valueOf(root, "services"))) {
    for (const { key, keySpan, value } of pairsOf(services)) {
      if (given.length > MAX_PASSES) {
        return {
          given,
          builds,
          parts,
          inlineDockerfiles,
          problems: [...problems, { offset: keySpan.start, message: TOO_MANY_PASSES }],
        };
      }
      const nodes = withBases(services, key).flatMap((service) => valueOf(service, "build") ?? []);
      if (nodes.length > 0) {
        const said = saidBy(nodes, environment);
        const part = said.contexts === null ? key : null;
        builds.push(...namedBuilds(said, "", part));
        parts.push(...partBuilds(said, key));
        const provenanceMax = isProvenanceMax(textOf(firstOf(nodes, "provenance")));
        for (const build of passBuilds(said, ".", { folder: "", provenanceMax, part }))
          given.push(...argumentsOf(nodes, build, known));
      }
      for (const { putIn, ...inline } of inlineOf(valueOf(value, "build"), environment)) {
        inlineDockerfiles.push(inline);
        given.push(...putInto(putIn, text, known));
      }
    }
  }
  return { given, builds, parts, inlineDockerfiles, problems };
}
