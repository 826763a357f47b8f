/** What packed files are called when they are unpacked. Pure; the same however a file was met. */

/** What a packed file holds is called as its unpacker would call it; `(unpacked)` where the file's name does not tell. */
export function unpackedName(name: string): string {
  const base = name.slice(name.lastIndexOf("/") + 1);
  const bare = base.replace(/\.t([gx]z|zst)$/i, ".tar").replace(/\.(?:gz|zst|xz)$/i, "");
  return bare === base || bare === "" ? `${base} (unpacked)`.trimStart() : bare;
}

/** The names on the way down through a file that is packed `times` over, outermost first. */
export function unpackedNames(name: string, times: number): string[] {
  const names: string[] = [];
  for (let i = 0; i < times; i++) names.push(unpackedName(names.at(-1) ?? name));
  return names;
}
