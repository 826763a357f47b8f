/**
 * Reads the CI files that are lists of scripts (GitLab, CircleCI, Azure, Bitbucket, Drone, Travis, Cloud Build, …): every
 * script anywhere in the file, and the build arguments of plugins. One reader for all, since their scripts have one shape.
 */

import { mappedBuilder, type MappedText } from "../dockerfile/mapped-text.ts";
import { carried, scopeWithin, type Carrier, type Carriers, type GivenArgument } from "./judge-pass.ts";
import { expressionsIn, type Syntax } from "./reference.ts";
import type { NamedBuild } from "./facts.ts";
import { mentionsBuild, passesIn, readAsText, type ScriptSetting } from "./shell-passes.ts";
import { itemsOf, pairsOf, readYaml, textOf, type YamlNode, type YamlPair } from "./yaml-file.ts";
import { argumentsIn, knownPath, namedBuild, valueOfScalar, type Reading, type YamlSetting } from "./yaml-passes.ts";

const SYNTAXES: readonly Syntax[] = ["expression", "make"];
const SCRIPT_KEYS =
  /^(?:(?:before_|after_)?(?:script|install|deploy)|run|command|commands|bash|sh|inlineScript|before_build)$/;
const OPTION_KEYS = /^(?:args|arguments|options|extra_args|build_options|buildArguments)$/;
const ARGUMENT_KEYS = /^(?:build[-_]?args?(?:_from_env)?)$/i;
/** What plugins, orbs and tasks call the Dockerfile. */
const DOCKERFILE_KEY = /^docker[-_]?file$/i;
const VARIABLE_KEYS = /^(?:variables|env|environment|substitutions)$/;

/** All pairs of a file, each node once however often it is referred to, in the order of the file. */
function pairsBelow(root: YamlNode): YamlPair[] {
  const found: YamlPair[] = [];
  const seen = new Set<YamlNode>();
  const todo: YamlNode[] = [root];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    found.push(...pairsOf(node));
    todo.push(...[...pairsOf(node).map(({ value }) => value), ...itemsOf(node)].toReversed());
  }
  return found;
}

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

/** Reads the text of such a file. */
export function readCiScript(text: string, known: Carriers): Reading {
  const { roots, problems } = readYaml(text);
  const found: Reading["problems"][number][] = [...problems];
  const builds: NamedBuild[] = [];
  const given = roots.flatMap((root) => {
    const pairs = pairsBelow(root);
    const setting: ScriptSetting = {
      source: text,
      syntaxes: SYNTAXES,
      carriers: carriersIn(pairs, known),
      folder: "",
    };
    const read = new Set<YamlNode>();
    return pairs.flatMap(({ key, value }): GivenArgument[] => {
      // An anchored script stands in many jobs and is one stretch of the file.
      if (read.has(value)) return [];
      read.add(value);
      if (ARGUMENT_KEYS.test(key)) return argumentsIn(value, pluginSetting(setting));
      if (DOCKERFILE_KEY.test(key))
        builds.push(...namedBuild({ dockerfile: knownPath(textOf(value)), context: null, folder: "" }));
      if (!SCRIPT_KEYS.test(key) && !OPTION_KEYS.test(key)) return [];
      const script = scriptOf(value, OPTION_KEYS.test(key) ? " " : "\n");
      if (!mentionsBuild(script.text)) return [];
      const isText = OPTION_KEYS.test(key) || textOf(value)?.startsWith("#!") === true;
      const passes = isText
        ? readAsText(script, setting)
        : passesIn(script, { ...setting, templates: expressionsIn(script.text) });
      builds.push(...passes.builds);
      found.push(...passes.problems);
      return [...passes.given];
    });
  });
  return { given, builds, problems: found };
}

function pluginSetting({ carriers }: ScriptSetting): YamlSetting {
  const build = { dockerfile: null, context: null, target: null, folder: "", provenanceMax: false };
  return { form: "input", build, syntaxes: ["dollar", ...SYNTAXES], carriers, isNullGiven: false };
}
