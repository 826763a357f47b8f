/** Writes packages of distributions and the archives in them: ar (deb), cpio and rpm. Formats: deb(5), cpio(5), rpm.org. */

/** A file in a package. */
export interface PackageFile {
  readonly name: string;
  readonly content: Buffer;
}

/** An `ar` archive. */
export function deb(files: readonly PackageFile[]): Buffer {
  const parts: Buffer[] = [Buffer.from("!<arch>\n")];
  for (const { name, content } of files) {
    const fields = [name.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "100644".padEnd(8)];
    parts.push(Buffer.from(`${fields.join("")}${String(content.length).padEnd(10)}\x60\n`), content);
    if (content.length % 2 === 1) parts.push(Buffer.from("\n"));
  }
  return Buffer.concat(parts);
}

function aligned(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}

/** A cpio archive in the new ASCII format. */
export function cpio(files: readonly PackageFile[]): Buffer {
  const all = [...files, { name: "TRAILER!!!", content: Buffer.alloc(0) }];
  return Buffer.concat(
    all.map(({ name, content }) => {
      const fields = [1, 0o100644, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
      const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${name}\0`;
      return Buffer.concat([aligned(Buffer.from(header), 4), aligned(content, 4)]);
    }),
  );
}

/** A header of an rpm with one string. */
function rpmHeader(value: string): Buffer {
  const store = Buffer.from(`${value}\0`);
  const numbers = [0x8eade801, 0, 1, store.length, 1000, 6, 0, 1];
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, i * 4);
  return Buffer.concat([bytes, store]);
}

/** An rpm with a payload. */
export function rpm(payload: Buffer): Buffer {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  return Buffer.concat([lead, aligned(rpmHeader("signature"), 8), rpmHeader("name"), payload]);
}
