/** Programs and scripts with something behind them: self-extracting archives, zip applications, images with a loader. */

import { partOf, viewer, type Content } from "./content.ts";
import { ELF_HEADER_BYTES, elfEnd } from "./elf.ts";
import type { ArchiveReader } from "./visitor.ts";
import { readZip } from "./zip.ts";
import { findDirectory } from "./zip-directory.ts";

/** The reader of what stands behind a program; null when nothing does. */
export function behindProgram(content: Content): ArchiveReader | null {
  if (findDirectory(content) !== null) return readZip;
  const end = elfEnd(viewer(content)(0, ELF_HEADER_BYTES));
  if (!(end < content.size)) return null;
  return async (program, visitor) => {
    const pending = visitor.stored("(behind the program)", partOf(program, end, program.size));
    if (pending !== null) await pending;
  };
}
