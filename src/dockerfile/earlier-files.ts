/**
 * What earlier instructions left in files that may be a token, as a later RUN finds it: in its own stage, in those below
 * it, and in stages of which it has mounted a part (`--mount=type=bind,from=…`). Compares paths as text.
 */

import { createFlowFiles, type FlowFiles } from "./flow-files.ts";
import { normalPath, relativeTo } from "./home-path.ts";
import { mayRemove, removes } from "./login.ts";
import type { RunRecord } from "./run-record.ts";
import { mountTarget } from "./run-script.ts";
import { lineageOf, stageIndex, type Stage } from "./stages.ts";
import { isSurelyAfter } from "./surely-after.ts";
import { merged, type Origins } from "./token-origin.ts";

/** What a RUN finds when it starts. */
export interface FilesAtStart {
  readonly isEmpty: boolean;
  /** By a normal path; also what all files below a folder of a mounted stage hold. */
  readonly ofFile: (path: string) => Origins;
}

/** The files of all stages, filled in the order of the file. */
export interface EarlierFiles {
  readonly at: (record: RunRecord) => FilesAtStart;
  readonly write: (stage: number, paths: readonly string[], origins: Origins) => void;
  /** Forgets what a RUN deletes of what its stage had before. */
  readonly remove: (record: RunRecord) => void;
}

/** A part of an earlier stage where a RUN finds it; normal paths. */
interface StageMount {
  readonly stage: number;
  readonly source: string;
  readonly target: string;
}

function stageMounts({ script, environment, stage }: RunRecord, stages: readonly Stage[]): StageMount[] {
  return script.mounts.flatMap((mount): StageMount[] => {
    const { type, options } = mount;
    const name = type === "bind" ? options.get("from") : undefined;
    const from = name === undefined ? -1 : stageIndex(stages, name);
    const target = mountTarget(mount);
    if (from === -1 || from >= stage || target === null) return [];
    const source = normalPath(`/${options.get("source") ?? options.get("src") ?? ""}`);
    return [{ stage: from, source, target: normalPath(target, environment) }];
  });
}

/** No files yet. */
export function createEarlierFiles(stages: readonly Stage[]): EarlierFiles {
  const byStage = new Map<number, FlowFiles>();
  const filesOf = (stage: number): FlowFiles[] => {
    return lineageOf(stages, stage).flatMap((index) => byStage.get(index) ?? []);
  };
  return {
    at(record) {
      const own = filesOf(record.stage);
      const mounted = stageMounts(record, stages).flatMap((mount) => {
        return filesOf(mount.stage).map((files) => ({ mount, files }));
      });
      const behind = (path: string): Origins[] => {
        return mounted.map(({ mount: { source, target }, files }) => {
          const below = relativeTo(target, path);
          return below === null ? [] : (files.of(normalPath(`${source}/${below}`)) ?? []);
        });
      };
      return {
        isEmpty: own.length + mounted.length === 0,
        ofFile: (path) => own.find((files) => files.has(path))?.of(path) ?? merged(...behind(path)),
      };
    },
    write(stage, paths, origins) {
      const files = byStage.get(stage) ?? createFlowFiles();
      byStage.set(stage, files);
      files.write(paths, origins);
    },
    remove({ stage, script, environmentOf }) {
      const files = byStage.get(stage);
      if (files === undefined) return;
      for (const invocation of script.invocations) {
        if (!mayRemove(invocation) || !isSurelyAfter(invocation, null)) continue;
        files.remove((path) => removes(invocation, path, environmentOf(invocation)));
      }
    },
  };
}
