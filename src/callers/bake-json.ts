/** Reads docker-bake.json: targets and variables, with the places of their arguments. */

import { bakeArguments, targetsOfMatrix, type BakeTarget, type BakeVariable } from "./bake.ts";
import type { Carriers } from "./judge-pass.ts";
import { UNTOLD_PART, type Combination, type Wording } from "./known-value.ts";
import { wordingOf } from "./wording.ts";
import { itemsOf, pairsOf, readYaml, textOf, valueOf, type YamlNode } from "./yaml-file.ts";
import { argumentsIn, isProvenanceMax, valueOfScalar, type Reading, type YamlSetting } from "./yaml-passes.ts";

const BUILD = { dockerfile: null, context: null, target: null, folder: "", provenanceMax: false, part: null };

function settingFor(carriers: Carriers): YamlSetting {
  return { form: "bake", build: BUILD, syntaxes: ["dollar"], carriers, isNullGiven: false };
}

/** The items of a list, or the one thing that may stand for it. */
function listOf(node: YamlNode | null): readonly YamlNode[] {
  return node?.kind === "list" ? itemsOf(node) : node === null ? [] : [node];
}

/** The texts of a list, and of the objects in it as `key=value,…`. */
function optionsOf(node: YamlNode | null): string[] {
  return listOf(node).map((item) =>
    item.kind === "map"
      ? pairsOf(item)
          .map(({ key, value }) => `${key}=${textOf(value) ?? ""}`)
          .join(",")
      : (textOf(item) ?? ""),
  );
}

/** The values that one item of a matrix gives a name, or the names below it. */
function itemOf(name: string, node: YamlNode): Combination {
  const cells =
    node.kind === "map"
      ? pairsOf(node).map(({ key, value }) => [`${name}.${key}`, value] as const)
      : [[name, node] as const];
  return new Map(cells.map(([key, value]) => [key, [textOf(value)]]));
}

function targetsOf(name: string, node: YamlNode, known: Carriers): BakeTarget[] {
  const wordingAt = (key: string): Wording | null => {
    const text = textOf(valueOf(node, key));
    return text === null ? null : wordingOf(text, ["dollar"]);
  };
  const lists = pairsOf(valueOf(node, "matrix")).map(({ key, value }) =>
    listOf(value).map((item) => itemOf(key, item)),
  );
  const target: BakeTarget = {
    name,
    inherits: listOf(valueOf(node, "inherits")).flatMap((item) => textOf(item) ?? []),
    args: argumentsIn(valueOf(node, "args"), settingFor(known)),
    dockerfile: wordingAt("dockerfile"),
    context: wordingAt("context"),
    target: wordingAt("target"),
    provenanceMax: optionsOf(valueOf(node, "attest")).some((text) => isProvenanceMax(text)),
    isInline: valueOf(node, "dockerfile-inline") !== null,
    values: new Map(),
  };
  return targetsOfMatrix(target, lists, wordingAt("name"));
}

function variableOf(name: string, node: YamlNode): BakeVariable[] {
  const value = node.kind === "scalar" ? node : valueOf(node, "default");
  return value?.kind === "scalar"
    ? [
        {
          name,
          value: valueOfScalar(value, ["dollar"]),
          wording: value.value === null ? [UNTOLD_PART] : wordingOf(value.value, ["dollar"]),
        },
      ]
    : [];
}

/** Reads the text of docker-bake.json. */
export function readBakeJson(text: string, known: Carriers): Reading {
  const { roots, problems } = readYaml(text);
  const readings = roots.map((root) => {
    // In JSON a block may also be a list of objects.
    const blocks = (key: string): [string, YamlNode][] =>
      listOf(valueOf(root, key)).flatMap((block) =>
        pairsOf(block).flatMap((pair) => listOf(pair.value).map((value): [string, YamlNode] => [pair.key, value])),
      );
    const targets = blocks("target").flatMap(([name, node]) => targetsOf(name, node, known));
    return bakeArguments(
      targets,
      blocks("variable").flatMap(([name, node]) => variableOf(name, node)),
      known,
    );
  });
  return {
    given: readings.flatMap((reading) => reading.given),
    builds: readings.flatMap(({ builds = [] }) => builds),
    parts: readings.flatMap(({ parts = [] }) => parts),
    problems: [...problems, ...readings.flatMap((reading) => reading.problems)],
  };
}
