/** The two ways in which a PDF writes bytes as text. Format: ISO 32000-1, sections 7.4.2 and 7.4.3. Pure. */

const FIRST = 0x21;
const DIGITS = 85;
const ZEROS = 0x7a;
const END = 0x7e;

/** The bytes of Base-85 text; ends at the end mark, and passes over what is no digit. */
export function fromAscii85(text: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(text.length * 4);
  let length = 0;
  let group = 0;
  let digits = 0;
  const write = (count: number): void => {
    bytes.writeUInt32BE(group >>> 0, length);
    length += count;
    group = digits = 0;
  };
  for (const char of text) {
    if (char === END) break;
    if (char === ZEROS && digits === 0) write(4);
    if (char < FIRST || char >= FIRST + DIGITS) continue;
    group = (group * DIGITS + (char - FIRST)) % 2 ** 32;
    if (++digits === 5) write(4);
  }
  if (digits > 1) {
    const missing = 5 - digits;
    for (let i = 0; i < missing; i++) group = (group * DIGITS + DIGITS - 1) % 2 ** 32;
    write(4 - missing);
  }
  return bytes.subarray(0, length);
}

/** The bytes of hexadecimal text; ends at the end mark, and passes over what is no digit. */
export function fromAsciiHex(text: Uint8Array): Uint8Array {
  const digits =
    Buffer.from(text)
      .toString("latin1")
      .split(">", 1)[0]
      ?.replace(/[^\dA-Fa-f]/g, "") ?? "";
  return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, "hex");
}
