/**
 * `build.args` of a compose file become `build.secrets`, with a top-level secret that takes its value from the same
 * variable. Only in files of one document, in block style, without anchors, merge keys and `extends`. Pure.
 */

import { itemsOf, pairOf, pairsOf, readYaml, textOf, type YamlNode, type YamlPair } from "../callers/yaml-file.ts";
import type { Span } from "../dockerfile/mapped-text.ts";
import { indentAt, NOTHING_MENDED, variableOf, type CallerReading, type MendedCaller } from "./caller-pass.ts";
import { insertion, type Edit } from "./edit.ts";
import { areOwnLines, deeper, isBlockKey, linesAfter, linesBefore, withoutLines } from "./yaml-lines.ts";

/** What stands in more than one place, or elsewhere. */
const SHARED = /<<\s*:|^\s*extends\s*:|[:-][ \t]+[&*][\w-]/m;

interface Secret {
  readonly id: string;
  readonly variable: string;
}

/** The places of the arguments of a build, whether they are pairs or items. */
function entriesOf(args: YamlNode): Span[] {
  return args.kind === "map" ? args.pairs.map(({ span }) => span) : itemsOf(args).map(({ span }) => span);
}

/** Puts ids into a build's `secrets`; null when they are written in a way that is not known. */
function named(text: string, build: YamlNode, args: YamlPair, ids: readonly string[]): Edit[] | null {
  const secrets = pairOf(build, "secrets");
  const indent = indentAt(text, args.keySpan.start);
  if (secrets === null) {
    const inner = deeper(text, args.keySpan.start, entriesOf(args.value)[0]?.start);
    return [linesBefore(text, args.keySpan.start, [`${indent}secrets:`, ...ids.map((id) => `${inner}- ${id}`)])];
  }
  const items = itemsOf(secrets.value);
  const last = items.at(-1);
  const missing = ids.filter((id) => items.every((item) => textOf(item) !== id));
  if (missing.length === 0) return [];
  if (secrets.value.kind !== "list" || last === undefined || items.some((item) => textOf(item) === null)) return null;
  if (text.charAt(secrets.value.span.start) === "[")
    return [insertion(last.span.end, missing.map((id) => `, ${id}`).join(""))];
  const itemIndent = indentAt(text, last.span.start);
  return [
    linesAfter(
      text,
      last.span.start,
      missing.map((id) => `${itemIndent}- ${id}`),
    ),
  ];
}

/** Puts secrets into the top-level mapping; null when one of that name is something else already. */
function declared(text: string, root: YamlNode, secrets: readonly Secret[]): Edit[] | null {
  const pair = pairOf(root, "secrets");
  if (pair === null) {
    const lines = secrets.flatMap(({ id, variable }) => [`  ${id}:`, `    environment: ${variable}`]);
    return [linesAfter(text, text.length, [...(/\n\r?\n$/.test(text) ? [] : [""]), "secrets:", ...lines])];
  }
  const known = pairsOf(pair.value);
  const missing = secrets.filter(({ id }) => known.every(({ key }) => key !== id));
  const isOther = secrets.some(({ id, variable }) => {
    const own = known.find(({ key }) => key === id);
    return own !== undefined && textOf(pairOf(own.value, "environment")?.value) !== variable;
  });
  if (isOther) return null;
  if (missing.length === 0) return [];
  if (!isBlockKey(text, pair.keySpan) || known.length === 0) return null;
  const outer = deeper(text, pair.keySpan.start, known[0]?.keySpan.start);
  const lines = missing.flatMap(({ id, variable }) => [`${outer}${id}:`, `${outer}  environment: ${variable}`]);
  return [linesAfter(text, pair.keySpan.start, lines)];
}

/** The edits for the build arguments of compose services. */
export function composeSecrets({ text, wanted }: CallerReading): MendedCaller {
  const { roots, problems } = readYaml(text);
  const [root, ...others] = roots;
  if (root === undefined || others.length > 0 || problems.length > 0 || SHARED.test(text)) return NOTHING_MENDED;
  const edits: Edit[] = [];
  const done: MendedCaller["done"][number][] = [];
  const secrets = new Map<string, Secret>();
  for (const service of pairsOf(pairOf(root, "services")?.value)) {
    const build = pairOf(service.value, "build")?.value;
    const args = pairOf(build, "args");
    if (build === undefined || args === null || !isBlockKey(text, args.keySpan)) continue;
    const entries = entriesOf(args.value);
    const own = wanted.flatMap(({ pass, id }) => {
      const variable = variableOf(pass);
      const entry = entries.find(({ start, end }) => start <= pass.span.start && pass.span.end <= end);
      const isSame = (secrets.get(id)?.variable ?? variable) === variable;
      return variable === null || entry === undefined || !isSame ? [] : [{ pass, id, variable, entry }];
    });
    const places = own.map(({ entry }) => entry);
    if (own.length === 0 || !areOwnLines(text, [args.keySpan, ...entries])) continue;
    const names = named(text, build, args, [...new Set(own.map(({ id }) => id))]);
    if (names === null) continue;
    for (const { id, variable } of own) secrets.set(id, { id, variable });
    edits.push(...names, ...withoutLines(text, places, places.length === entries.length ? args.keySpan : null));
    done.push(...own.map(({ pass }) => pass));
  }
  const top = declared(text, root, [...secrets.values()]);
  return done.length === 0 || top === null ? NOTHING_MENDED : { edits: [...edits, ...top], done };
}
