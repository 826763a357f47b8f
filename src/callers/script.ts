/** Reads a shell script, and the scripts of a package.json. */

import { mappedBuilder, type MappedText } from "../dockerfile/mapped-text.ts";
import type { Carriers, GivenArgument } from "./judge-pass.ts";
import type { InlineDockerfile, NamedBuild } from "./facts.ts";
import { PROJECT_FOLDER } from "./project-folder.ts";
import { mentionsBuild, passesIn, readAsText, type ScriptSetting } from "./shell-passes.ts";
import { pairsOf, readYaml, valueOf } from "./yaml-file.ts";
import type { Reading } from "./yaml-passes.ts";

const FOREIGN = /^#!.*\b(?:python\d?|node|perl|ruby|pwsh|fish|tclsh|awk)\b/;

function wholeOf(text: string): MappedText {
  const built = mappedBuilder();
  // A carriage return before a line end is no part of a word, and a byte order mark none of the first.
  built.add(text.replaceAll(/\r(?=\n)|^\u{feff}/gu, " "), 0);
  return built.build(0);
}

function settingFor(source: string, carriers: Carriers): ScriptSetting {
  return { source, syntaxes: [], carriers, values: PROJECT_FOLDER, folder: "" };
}

/** Reads the text of a script; one for another interpreter is searched as text. */
export function readScript(text: string, known: Carriers): Reading {
  const script = wholeOf(text);
  const setting = settingFor(text, known);
  if (FOREIGN.test(text)) return readAsText(script, setting);
  return passesIn(script, setting);
}

/** Reads the `scripts` of a package.json. */
export function readPackageScripts(text: string, known: Carriers): Reading {
  const { roots, problems } = readYaml(text);
  const found: Reading["problems"][number][] = [...problems];
  const builds: NamedBuild[] = [];
  const inlineDockerfiles: InlineDockerfile[] = [];
  const given = roots.flatMap((root) =>
    pairsOf(valueOf(root, "scripts")).flatMap(({ value }): readonly GivenArgument[] => {
      if (value.kind !== "scalar" || !mentionsBuild(value.text.text)) return [];
      const read = passesIn(value.text, settingFor(text, known));
      found.push(...read.problems);
      builds.push(...read.builds);
      inlineDockerfiles.push(...read.inlineDockerfiles);
      return read.given;
    }),
  );
  return { given, builds, inlineDockerfiles, problems: found };
}
