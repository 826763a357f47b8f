/** What the files hold that a RUN has written so far, as far as that may be a token; and what the folders above them hold. */

import { merged, type Origins } from "./token-origin.ts";

/** Files by their normal paths. */
export interface FlowFiles {
  readonly has: (path: string) => boolean;
  /** What lies in a file, or in all files below a folder; null where nothing was written. */
  readonly of: (path: string) => Origins | null;
  /** `paths` is where the file lies, or may lie instead. */
  readonly write: (paths: readonly string[], origins: Origins) => void;
  /** Forgets the files of which `isGone` is true at one of the paths. */
  readonly remove: (isGone: (path: string) => boolean) => void;
}

/** What was written together. */
interface Written {
  readonly paths: readonly string[];
  readonly origins: Origins;
}

/** Folders above a file that are remembered. */
const MAX_DEPTH = 16;
/** Files that deletions are compared with; nobody writes and deletes this many by hand, and what is left out is kept. */
const MAX_COMPARISONS = 10_000;

/** No files yet. */
export function createFlowFiles(): FlowFiles {
  const files = new Map<string, Written>();
  const folders = new Map<string, Origins>();
  let comparisons = 0;

  function fill(path: string, origins: Origins): void {
    let end = path.lastIndexOf("/");
    for (let depth = 0; end > 0 && depth < MAX_DEPTH; depth++, end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      folders.set(folder, merged(folders.get(folder) ?? [], origins));
    }
  }

  return {
    has: (path) => files.has(path),
    of: (path) => files.get(path)?.origins ?? folders.get(path) ?? null,
    write(paths, origins) {
      for (const path of paths) {
        files.set(path, { paths, origins });
        fill(path, origins);
      }
    },
    remove(isGone) {
      comparisons += files.size;
      const gone = comparisons > MAX_COMPARISONS ? [] : [...files].filter(([path]) => isGone(path));
      if (gone.length === 0) return;
      for (const [, { paths }] of gone) for (const path of paths) files.delete(path);
      folders.clear();
      for (const [path, { origins }] of files) fill(path, origins);
    },
  };
}
