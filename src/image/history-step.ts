/**
 * Reads what builders write into a history as `created_by`: which instruction it was, and its text without the builder's
 * own additions. Forms measured with Docker 20.10 (classic and BuildKit), BuildKit 0.34, buildah 1.28 and kaniko 1.24.
 */

import { parseJson } from "../model/json.ts";

/** An instruction as a history tells it. Blanks are single. */
export interface HistoryStep {
  readonly keyword: string;
  /** Behind the keyword; for a RUN with its build arguments and shell. */
  readonly text: string;
  /** RUN: the command behind build arguments, shell and flags; null when there is no shell, as in JSON form. */
  readonly command: string | null;
  /** RUN: build arguments stand before it. */
  readonly hasArguments: boolean;
  /** COPY and ADD of the classic builder and buildah: where to; the sources are only a hash. */
  readonly target: string | null;
  /** True for what kaniko writes: the instruction as it stands, and nothing for one that makes no layer. */
  readonly isAsWritten: boolean;
}

const KEYWORDS =
  "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR";
const NO_OPERATION = new RegExp(`^\\S+(?: \\S+){0,5} #\\(nop\\) (${KEYWORDS}) (.*)$`);
const WRITTEN = new RegExp(`^(${KEYWORDS}) (.*)$`);
const SHELL =
  /(?:^| )(?:\/\S*\/)?(?:busybox sh|sh|bash|dash|ash|zsh|ksh|cmd|powershell|pwsh)(?:\.exe)?(?: -o pipefail| [-/][\w-]+)+ /;
const FLAGS = /^(?:--[a-z]+(?:=\S+)? )+/;
/** Docker 20.10 writes no blank between `--chown` and the hash. */
const BY_HASH = /(?:^|:)[0-9a-f]{64} in (.+)$/;

/** The text with every stretch of blanks as one. */
export function singleSpaced(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

/** The words of a JSON array of strings, as BuildKit writes them; any other text as it stands. */
function unwrapped(command: string): string {
  if (!command.startsWith("[")) return command;
  const words = parseJson(command);
  return Array.isArray(words) && words.every((word) => typeof word === "string") ? words.join(" ") : command;
}

function commandIn(text: string, hasArguments: boolean): string | null {
  const shell = SHELL.exec(text);
  if (shell === null || (!hasArguments && shell.index > 0)) return null;
  return unwrapped(text.slice(shell.index + shell[0].length).replace(FLAGS, ""));
}

/** Reads one `created_by`. */
export function readHistoryStep(createdBy: string, isAsWritten: boolean): HistoryStep {
  const line = singleSpaced(createdBy)
    .trim()
    .replace(/ # buildkit$/, "");
  const [, keyword = "RUN", written = line] = NO_OPERATION.exec(line) ?? WRITTEN.exec(line) ?? [];
  const text = written.trim();
  const isCopy = keyword === "COPY" || keyword === "ADD";
  if (isAsWritten && (isCopy || keyword === "RUN")) {
    const words = unwrapped(text.replace(FLAGS, ""));
    if (!isCopy) return { keyword, text: words, hasArguments: false, command: words, target: null, isAsWritten };
    const bare = words.replaceAll(/["']/g, "");
    return { keyword, text: bare, hasArguments: false, command: null, target: null, isAsWritten };
  }
  if (keyword === "RUN") {
    const hasArguments = /^\|\d+ /.test(text);
    return { keyword, text, hasArguments, command: commandIn(text, hasArguments), target: null, isAsWritten };
  }
  const bare = isCopy ? text.replace(FLAGS, "") : text;
  const target = isCopy ? (BY_HASH.exec(text)?.[1] ?? null) : null;
  return { keyword, text: bare, hasArguments: false, command: null, target, isAsWritten };
}
