/**
 * Walks the instructions of a Dockerfile once and reads each in its scope: commands, copies, expanded words, logins at
 * start. What it gathers is raw material; which of it leaks is decided afterwards, when all of the file is known.
 */

import { isTokenName as isTokenNameItself, type TokenNames } from "../token/name.ts";
import type { EscapeToken } from "./command.ts";
import { copyWords, type CopyRecord } from "./copy-record.ts";
import { expandedWord, expandedWords, type ExpandedWord } from "./expansion.ts";
import type { Reach, StartLogin } from "./facts.ts";
import { HOME_VARIABLES, homeOfUser, type Environment } from "./home-path.ts";
import { findLogins } from "./login.ts";
import type { Instruction } from "./parse.ts";
import { readRunRecord, type RunRecord } from "./run-record.ts";
import { readRun } from "./run-script.ts";
import { readWord, walk, type Definition, type Scope, type Visit } from "./scope.ts";
import { isWindowsImage, type Stage } from "./stages.ts";

/** Everything that was met on the way, in the order of the file. */
export interface Visited {
  readonly stages: readonly Stage[];
  readonly definitions: readonly Definition[];
  readonly records: readonly RunRecord[];
  readonly copies: readonly CopyRecord[];
  readonly expanded: readonly ExpandedWord[];
  readonly startLogins: readonly StartLogin[];
  /** Who sees what each instruction leaves; instructions before the first FROM are not in it. */
  readonly reached: ReadonlyMap<Instruction, Reach>;
}

const DEFAULT_SHELL: readonly string[] = ["/bin/sh", "-c"];
const WINDOWS_SHELL: readonly string[] = ["cmd", "/S", "/C"];

/** The variables that say where a file lies, looked up when they are asked for: those of the token's home, and all paths. */
function homeOf(scope: Scope, user: string | undefined): Environment {
  return (name) => {
    const value = name === "PWD" ? undefined : (scope(name)?.text ?? undefined);
    if (!HOME_VARIABLES.includes(name)) return value?.includes("/") === true ? value : undefined;
    return value === undefined && name === "HOME" && user !== undefined ? homeOfUser(user) : value;
  };
}

/** What is asked for beside the instructions. */
export interface VisitSetting {
  /** The stages that are built, null for the last one; that one unless given. */
  readonly targets?: readonly (string | null)[];
  /** Judges names; as they speak for themselves unless given. */
  readonly isTokenName?: TokenNames;
  /** Sees every instruction before it is read, also those before the first FROM. */
  readonly see?: Visit;
}

/** Reads every instruction. */
export function visitAll(
  instructions: readonly Instruction[],
  escape: EscapeToken,
  { targets = [null], isTokenName = isTokenNameItself, see }: VisitSetting = {},
): Visited {
  const records: RunRecord[] = [];
  const copies: CopyRecord[] = [];
  const expanded: ExpandedWord[] = [];
  const startLogins: StartLogin[] = [];
  const reached = new Map<Instruction, Reach>();
  const shells = new Map<number, readonly string[]>();
  const users = new Map<number, string>();
  const folders = new Map<number, string | undefined>();

  function shellOf({ index, base, from }: Stage): readonly string[] {
    const own = shells.get(index) ?? shells.get(base ?? -1);
    return own ?? (isWindowsImage(from) ? WINDOWS_SHELL : DEFAULT_SHELL);
  }

  /** The folder that a stage starts in: what its base says; unknown for an image from elsewhere. */
  function firstFolder({ base, from }: Stage): string | undefined {
    if (base !== null) return folders.get(base);
    return from.args[0]?.text === "scratch" ? "/" : undefined;
  }

  function visit(instruction: Instruction, stage: Stage, scope: Scope, reach: Reach): void {
    const { keyword } = instruction;
    const shell = shellOf(stage);
    shells.set(stage.index, shell);
    const user = users.get(stage.index) ?? users.get(stage.base ?? -1);
    if (user !== undefined) users.set(stage.index, user);
    if (!folders.has(stage.index)) folders.set(stage.index, firstFolder(stage));
    const folder = folders.get(stage.index);
    switch (keyword) {
      case "SHELL":
        if (instruction.isTrigger) break;
        shells.set(stage.index, instruction.json?.values.map((value) => value.text) ?? shell);
        break;
      case "RUN": {
        const now = scope.frozen();
        const home = homeOf(now, user);
        records.push(
          readRunRecord(instruction, stage.index, reach, now, {
            shell,
            isTokenName,
            home: (name) => (name === "PWD" ? folder : home(name)),
          }),
        );
        break;
      }
      case "CMD":
      case "ENTRYPOINT": {
        if (reach === "stage") break;
        const home = homeOf(scope, user);
        for (const { form, span } of findLogins(readRun(instruction, shell), () => home)) {
          startLogins.push({ form, keyword, span: { start: span.start, end: span.end } });
        }
        break;
      }
      case "COPY":
      case "ADD": {
        const words = copyWords(instruction, escape, scope);
        const now = scope.frozen();
        copies.push({
          instruction,
          stage: stage.index,
          reach,
          words,
          environment: homeOf(now, user),
          folder,
          scope: now,
        });
        break;
      }
      case "USER": {
        const word = readWord(instruction, instruction.rest, escape, scope);
        if (!instruction.isTrigger) users.set(stage.index, word.text);
        expanded.push(...expandedWord(instruction, instruction.rest, word, reach));
        break;
      }
      case "WORKDIR": {
        const word = readWord(instruction, instruction.rest, escape, scope);
        const isRelative = !word.text.startsWith("/");
        if (!instruction.isTrigger)
          folders.set(stage.index, isRelative ? folder && `${folder}/${word.text}` : word.text);
        expanded.push(...expandedWord(instruction, instruction.rest, word, reach));
        break;
      }
      default:
        expanded.push(...expandedWords(instruction, escape, scope, reach));
    }
  }

  const walked = walk(
    instructions,
    escape,
    (instruction, stage, scope, reach) => {
      see?.(instruction, stage, scope, reach);
      if (stage === null) return;
      reached.set(instruction, reach);
      visit(instruction, stage, scope, reach);
    },
    targets,
  );
  const { stages, definitions } = walked;
  return { stages, definitions, records, copies, expanded, startLogins, reached };
}
