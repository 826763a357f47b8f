/** Whether a file changed while it was read, by what the system says of it: then what was read never stood there. */

import { fstatSync } from "node:fs";
import type { Problem } from "./problem.ts";

/** Remembers an open file, and says later what is wrong if it was written to since. */
export function changeOf(descriptor: number): () => Problem | null {
  const before = fstatSync(descriptor, { bigint: true });
  return () => {
    const { size, mtimeNs } = fstatSync(descriptor, { bigint: true });
    if (size === before.size && mtimeNs === before.mtimeNs) return null;
    return {
      why: "unreadable",
      detail: "it changed while it was read; inspect it again when nothing writes to it any more",
    };
  };
}
