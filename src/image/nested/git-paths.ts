/** Ids and paths of objects of a pack in which something was found. Reads trees once more; spends no more than a bound. */

import { setImmediate } from "node:timers/promises";
import { BoundReached } from "./budget.ts";
import type { PackObject } from "./git-memory.ts";
import { isMissing, type GitObjects } from "./git-objects.ts";
import { eachTreeEntry, objectId } from "./git-object.ts";

/** What an object is called, and what makes two of them one place. */
export interface ObjectName {
  readonly name: readonly string[];
  readonly place: string;
}

/** Folders in one another that are followed up. */
const MAX_FOLDERS = 32;
/** Trees that are read to find names, as bytes; a large repository keeps its ids and loses some paths. */
const MAX_TREE_BYTES = 512 * 1_048_576;
const PAUSE_OBJECTS = 2000;

/** The name that a tree gives an object, and the tree's own id. */
interface Named {
  readonly name: string;
  readonly tree: string;
}

function read(objects: GitObjects, at: number): PackObject | null {
  try {
    const object = objects.object(at);
    return isMissing(object) ? null : object;
  } catch (error) {
    if (error instanceof BoundReached) return null;
    throw error;
  }
}

/** For each object, by where it begins, its kind and id and, where a tree of the pack names it, the path. */
export async function gitPaths(
  objects: GitObjects,
  starts: readonly number[],
  found: ReadonlySet<number>,
  algorithm: string,
  idBytes: number,
): Promise<Map<number, ObjectName>> {
  const ids = new Map<number, { kind: string; id: string }>();
  for (const at of found) {
    const object = read(objects, at);
    if (object !== null) ids.set(at, { kind: object.kind, id: objectId(object.kind, object.bytes, algorithm) });
  }
  const names = new Map<string, Named>();
  let wanted = new Set([...ids.values()].filter(({ kind }) => kind === "blob" || kind === "tree").map(({ id }) => id));
  let left = MAX_TREE_BYTES;
  for (let depth = 0; depth < MAX_FOLDERS && wanted.size > 0 && left > 0; depth++) {
    const parents = new Set<string>();
    for (const [i, at] of starts.entries()) {
      if (i % PAUSE_OBJECTS === 0) await setImmediate();
      if (left <= 0 || objects.kindAt(at) !== "tree") continue;
      const object = read(objects, at);
      if (object === null) continue;
      left -= object.bytes.length;
      const unnamed: [string, string][] = [];
      eachTreeEntry(object.bytes, idBytes, (id, name) => {
        if (wanted.has(id) && !names.has(id)) unnamed.push([id, name]);
      });
      if (unnamed.length === 0) continue;
      const tree = objectId("tree", object.bytes, algorithm);
      for (const [id, name] of unnamed) names.set(id, { name, tree });
      if (!names.has(tree)) parents.add(tree);
    }
    wanted = parents;
  }
  const pathOf = (id: string): string => {
    const parts: string[] = [];
    for (let named = names.get(id); named !== undefined && parts.length < MAX_FOLDERS; named = names.get(named.tree)) {
      parts.unshift(named.name);
    }
    return parts.join("/");
  };
  return new Map(
    [...ids].map(([at, { kind, id }]) => {
      const path = pathOf(id);
      return [at, { name: path === "" ? [`${kind} ${id}`] : [`${kind} ${id}`, path], place: `${kind} ${path}` }];
    }),
  );
}
