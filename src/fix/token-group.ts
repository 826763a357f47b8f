/**
 * Gathers what belongs to one build argument that carries a token: every ARG of its name and every ENV that takes it over,
 * and says why they cannot be mended together where that is so. Pure.
 */

import type { Definition } from "../dockerfile/scope.ts";
import { isWindowsImage } from "../dockerfile/stages.ts";
import type { DockerfileReading, PlacedInstruction } from "./dockerfile-reading.ts";
import { wholeText } from "./dockerfile-reading.ts";
import { escaped, namesVariable, readingOf, type Reading } from "./token-reader.ts";

/** A RUN that reads a variable of a group. */
export interface GroupReader {
  readonly placed: PlacedInstruction;
  readonly name: string;
  readonly reading: Exclude<Reading, "no">;
}

/** A build argument with all that carries its value on. */
export interface TokenGroup {
  /** The build argument's name; the secret's id. */
  readonly argument: string;
  readonly members: ReadonlySet<Definition>;
  readonly readers: readonly GroupReader[];
  /** The variables that the final image loses. */
  readonly environment: readonly string[];
}

const STARTS_CONTAINER = /^(?:CMD|ENTRYPOINT|HEALTHCHECK)$/;
const PLAIN_NAME = /^[A-Za-z_]\w*$/;
/** A shell that stops at a variable that is not set. */
const STOPS_AT_UNSET = /\bset\s+(?:-\w+\s+)*-\w*u|\bnounset\b|\bbash\s+-\w*u|"-\w*u\w*"/;

/** True when nothing but the whole source stands in an ENV: `$X`, `"${X}"`, `${X:-}`. */
function isPlainAlias({ valueSpan, sources }: Definition, text: string): boolean {
  const [source, ...others] = sources;
  if (valueSpan === null || source === undefined || others.length > 0 || !source.isWhole) return false;
  const { name } = source.definition;
  const written = text.slice(valueSpan.start, valueSpan.end).replace(/^"(.*)"$/s, "$1");
  return [`$${name}`, `\${${name}}`, `\${${name}:-}`, `\${${name}-}`].includes(written);
}

/** True for an ARG that brings no value of its own. */
function isEmptyArgument({ valueSpan, sources, text }: Definition): boolean {
  return valueSpan === null || (sources.length === 0 && text === "");
}

/** All that takes over what the ARGs of this name are given; null when something takes it that cannot be taken out. */
function membersOf(reading: DockerfileReading, argument: string): Set<Definition> | null {
  const { definitions, text, variableAt } = reading;
  const members = new Set(definitions.filter(({ kind, name }) => kind === "arg" && name === argument));
  for (const definition of members) {
    const isKnown = definition.stage === null || variableAt(definition) !== null;
    if (!isKnown || !isEmptyArgument(definition) || definition.instruction.isTrigger) return null;
  }
  // In the order of the file, since a definition only takes from earlier ones.
  for (const definition of definitions) {
    if (members.has(definition) || !definition.sources.some((source) => members.has(source.definition))) continue;
    const isAlias = definition.kind === "env" && isPlainAlias(definition, text) && !definition.instruction.isTrigger;
    if (!isAlias || variableAt(definition) === null) return null;
    members.add(definition);
  }
  const names = new Set([...members].map(({ name }) => name));
  const isShared = definitions.some((other) => other.stage !== null && names.has(other.name) && !members.has(other));
  return isShared ? null : members;
}

/** True when a text has the variable put in: also for `${X:+yes}`, which shows no value, but needs one. */
function expands(text: string, name: string): boolean {
  return new RegExp(`\\$\\{?${escaped(name)}(?!\\w)`).test(text);
}

/** True when another definition is made with one of the variables. */
function isUsedInDefinition({ definitions, text }: DockerfileReading, members: ReadonlySet<Definition>): boolean {
  const names = new Set([...members].map(({ name }) => name));
  return definitions.some((other) => {
    const value = other.valueSpan === null ? "" : text.slice(other.valueSpan.start, other.valueSpan.end);
    return !members.has(other) && [...names].some((name) => expands(value, name));
  });
}

/** True when an instruction other than RUN needs one of the variables. */
function isUsedElsewhere(placed: PlacedInstruction, members: ReadonlySet<Definition>): boolean {
  const { keyword } = placed.instruction;
  if (placed.run !== null || keyword === "ARG" || keyword === "ENV") return false;
  return [...placed.visible].some(([name, definition]) => {
    if (!members.has(definition) || (STARTS_CONTAINER.test(keyword) && definition.kind === "arg")) return false;
    const text = wholeText(placed.instruction);
    return expands(text, name) || (STARTS_CONTAINER.test(keyword) && namesVariable(text, name));
  });
}

/** The group of one build argument; null when it cannot be mended with certainty. */
function groupOf(reading: DockerfileReading, argument: string): TokenGroup | null {
  const members = PLAIN_NAME.test(argument) ? membersOf(reading, argument) : null;
  if (members === null || isUsedInDefinition(reading, members)) return null;
  if (reading.placed.some((placed) => isUsedElsewhere(placed, members))) return null;
  const readers = reading.placed.flatMap((placed) =>
    [...placed.visible].flatMap(([name, definition]): GroupReader[] => {
      const how = placed.run === null || !members.has(definition) ? "no" : readingOf(placed.run, name);
      return how === "no" ? [] : [{ placed, name, reading: how }];
    }),
  );
  if (readers.some(({ placed }) => placed.instruction.isTrigger)) return null;
  const environment = [...members].filter(({ kind, reach }) => kind === "env" && reach === "final");
  // An ENV that no RUN is known to read is there for the container, and what that needs is not known here.
  if (environment.length > 0 && readers.every((reader) => reader.reading === "maybe")) return null;
  // An ENV, or an ARG with an empty default, is set where a secret that nobody gives is not.
  const isAlwaysSet = [...members].some(({ kind, valueSpan }) => kind === "env" || valueSpan !== null);
  const shells = reading.placed.filter(({ instruction }) => instruction.keyword === "SHELL");
  const texts = [...shells, ...readers.map(({ placed }) => placed)].map(({ instruction }) => wholeText(instruction));
  if (isAlwaysSet && texts.some((text) => STOPS_AT_UNSET.test(text))) return null;
  return { argument, members, readers, environment: [...new Set(environment.map(({ name }) => name))] };
}

/** True for an image or a SHELL of Windows, whose way with variables and secrets is another one. */
function isForeign({ instruction }: PlacedInstruction): boolean {
  if (instruction.keyword === "FROM") return isWindowsImage(instruction);
  return instruction.keyword === "SHELL" && /powershell|pwsh|\bcmd\b/i.test(instruction.line.text);
}

/** Every build argument of a token that can be mended with certainty. */
export function tokenGroups(reading: DockerfileReading): TokenGroup[] {
  if (reading.placed.some(isForeign)) return [];
  const names = reading.facts.variables.filter(({ kind }) => kind === "arg").map(({ name }) => name);
  return [...new Set(names)].flatMap((name) => groupOf(reading, name) ?? []);
}
