/** The files with a token that logins, and copies from the build context, leave in a stage: what stages hand on. */

import { posix } from "node:path";
import { belowTarget, destinationOf } from "./copy-destination.ts";
import type { ContextLook } from "./context-leak.ts";
import type { CopyRecord } from "./copy-record.ts";
import type { Login } from "./facts.ts";
import type { RunRecord } from "./run-record.ts";
import type { LeftFile } from "./stage-files.ts";

/** What logins leave. */
export function leftByLogins(logins: ReadonlyMap<RunRecord, readonly Login[]>): LeftFile[] {
  return [...logins].flatMap(([{ stage, instruction, environment }, own]) =>
    own.flatMap(({ leaves, span, form, hasToken }): LeftFile[] => {
      const steps = [{ span, text: `\`${form}\` leaves the token here` }];
      const at = instruction.line.start;
      return hasToken ? leaves.map((path) => ({ stage, at, paths: [path], environment, steps })) : [];
    }),
  );
}

/** Files of one source that are followed into other stages. */
const MAX_FILES = 50;

/** What copies from the build context bring in. */
export function leftByContext(copies: readonly CopyRecord[], look: ContextLook): LeftFile[] {
  return copies.flatMap((copy): LeftFile[] => {
    const { instruction, stage, words } = copy;
    return words.flatMap((word): LeftFile[] => {
      const source = look.sources.get(word);
      return (source?.hits ?? []).slice(0, MAX_FILES).map(({ path }): LeftFile => {
        const root = source?.roots.find((item) => item === "" || path === item || path.startsWith(`${item}/`)) ?? "";
        const { paths, environment } =
          path === root
            ? destinationOf(copy, posix.basename(path), words.length > 2)
            : belowTarget(copy, path.slice(root === "" ? 0 : root.length + 1));
        const steps = [{ span: word.span, text: `${instruction.keyword} takes ${path} from the build context here` }];
        return { stage, at: instruction.line.start, paths, environment, steps };
      });
    });
  });
}
