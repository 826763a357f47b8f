/**
 * Reads the CI files that are lists of scripts (GitLab, CircleCI, Azure, Bitbucket, Drone, Travis, Cloud Build, …): every
 * script anywhere in the file, and the build arguments of plugins. One reader for all, since their scripts have one shape.
 */

import { mappedBuilder, type MappedText } from "../dockerfile/mapped-text.ts";
import { carried, scopeWithin, type Carrier, type Carriers, type GivenArgument } from "./judge-pass.ts";
import { expressionsIn, type Syntax } from "./reference.ts";
import { CI_SYNTAXES, placedPairs, VARIABLE_KEYS } from "./ci-values.ts";
import type { InlineDockerfile, NamedBuild } from "./facts.ts";
import { namedBuilds } from "./known-build.ts";
import { textsOf } from "./known-value.ts";
import { wordingOf } from "./wording.ts";
import { mentionsBuild, passesIn, readAsText, type ScriptSetting } from "./shell-passes.ts";
import { itemsOf, pairsOf, readYaml, textOf, type YamlNode, type YamlPair } from "./yaml-file.ts";
import { argumentsIn, isTooMuch, TOO_MUCH, valueOfScalar, type Reading, type YamlSetting } from "./yaml-passes.ts";

const SYNTAXES: readonly Syntax[] = ["expression", "make"];
const SCRIPT_KEYS =
  /^(?:(?:before_|after_)?(?:script|install|deploy)|run|command|commands|bash|sh|inlineScript|before_build)$/;
const OPTION_KEYS = /^(?:args|arguments|options|extra_args|build_options|buildArguments)$/;
const ARGUMENT_KEYS = /^(?:build[-_]?args?(?:_from_env)?)$/i;
/** What plugins, orbs and tasks call the Dockerfile. */
const DOCKERFILE_KEY = /^docker[-_]?file$/i;
/** What reading a script again costs, as characters; with the text itself, more than the jobs of a real file come to. */
const READ_COST = 100;
const MAX_AGAIN = 4 * 1024 * 1024;

/** The lines of a script, or the words of a command, which may stand as a list, also a list of lists, as one text. */
function scriptOf(node: YamlNode, between: string): MappedText {
  const built = mappedBuilder();
  const todo: YamlNode[] = [node];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next.kind === "list") todo.push(...next.items.toReversed());
    if (next.kind !== "scalar" || next.value === null) continue;
    const { text, segments } = next.text;
    for (const { at, src, length, srcLength } of segments) built.add(text.slice(at, at + length), src, srcLength);
    built.add(between, next.span.end, 0);
  }
  return built.build(node.span.start);
}

/** Variables that come to hold a token anywhere in the file: which job sets them is not told apart. */
function carriersIn(pairs: readonly YamlPair[], outer: Carriers): Carriers {
  const own = new Map<string, Carrier>();
  const known = scopeWithin(own, outer);
  const variables = pairs.filter(({ key }) => VARIABLE_KEYS.test(key)).flatMap(({ value }) => pairsOf(value));
  for (const { key, value } of variables) {
    const scalar = value.kind === "map" ? value.pairs.find((pair) => pair.key === "value")?.value : value;
    if (scalar?.kind !== "scalar" || scalar.value === null) continue;
    const carrier = carried(key, valueOfScalar(scalar, ["dollar", ...SYNTAXES]), known);
    if (carrier !== null) own.set(key, carrier);
  }
  return known;
}

/** The texts of a value, or of each item of a list. */
function textsIn(node: YamlNode): string[] {
  return [node, ...itemsOf(node)].flatMap((item) => textOf(item) ?? []);
}

/** Reads the text of such a file. */
export function readCiScript(text: string, known: Carriers): Reading {
  const { roots, problems } = readYaml(text);
  const found: Reading["problems"][number][] = [...problems];
  const builds: NamedBuild[] = [];
  const inlineDockerfiles: InlineDockerfile[] = [];
  const { pairs, isWhole } = placedPairs(roots);
  if (!isWhole) found.push({ offset: 0, message: TOO_MUCH });
  const carriers = carriersIn(pairs, known);
  const read = new Set<YamlNode>();
  const scripts = new Map<YamlNode, MappedText>();
  let again = 0;
  const given: GivenArgument[] = [];
  for (const { key, value, values } of pairs) {
    if (isTooMuch({ given, builds })) {
      found.push({ offset: value.span.start, message: TOO_MUCH });
      break;
    }
    if (DOCKERFILE_KEY.test(key)) {
      const dockerfiles = textsIn(value).flatMap((item) => textsOf(wordingOf(item, CI_SYNTAXES), values));
      builds.push(...namedBuilds({ dockerfiles, contexts: null }, ""));
    }
    const setting: ScriptSetting = { source: text, syntaxes: SYNTAXES, carriers, values, folder: "" };
    const isRead = read.has(value);
    read.add(value);
    if (ARGUMENT_KEYS.test(key)) {
      if (!isRead) given.push(...argumentsIn(value, pluginSetting(setting)));
      continue;
    }
    if (!SCRIPT_KEYS.test(key) && !OPTION_KEYS.test(key)) continue;
    const script = scripts.get(value) ?? scriptOf(value, OPTION_KEYS.test(key) ? " " : "\n");
    scripts.set(value, script);
    // An anchored script stands in many jobs and is one stretch of the file: only the values of its names differ.
    if ((isRead && !script.text.includes("$")) || !mentionsBuild(script.text)) continue;
    if (isRead && (again += script.text.length + READ_COST) > MAX_AGAIN) {
      found.push({ offset: value.span.start, message: TOO_MUCH });
      break;
    }
    const isText = OPTION_KEYS.test(key) || textOf(value)?.startsWith("#!") === true;
    const passes = isText
      ? readAsText(script, setting)
      : passesIn(script, { ...setting, templates: expressionsIn(script.text) });
    builds.push(...passes.builds);
    inlineDockerfiles.push(...passes.inlineDockerfiles);
    if (!isRead) found.push(...passes.problems);
    given.push(...passes.given);
  }
  return { given, builds, inlineDockerfiles, problems: found };
}

function pluginSetting({ carriers }: ScriptSetting): YamlSetting {
  const build = { dockerfile: null, context: null, target: null, folder: "", provenanceMax: false, part: null };
  return { form: "input", build, syntaxes: ["dollar", ...SYNTAXES], carriers, isNullGiven: false };
}
