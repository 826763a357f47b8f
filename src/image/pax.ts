/** PAX extended headers: `length key=value` records. Reads the few that change how a tar is read; keeps no others. */

/** What an extended header says about the entry that follows it. */
export interface PaxFacts {
  path: Uint8Array | null;
  linkPath: Uint8Array | null;
  size: number | null;
  /** Stored stretches of a sparse file as offset, length, offset, length, …; null when it is not sparse. */
  sparse: number[] | null;
  /** True when the sparse map stands at the start of the body (format 1.0). */
  isMapInBody: boolean;
}

/** One record. Offsets are into the payload. */
export interface PaxRecord {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

const BLANK = 0x20;
const EQUALS = 0x3d;
const LINE_FEED = 0x0a;
const MAX_LENGTH_DIGITS = 10;

/** The records of a payload, and whether it was well-formed up to its end. */
export function paxRecords(payload: Uint8Array): { readonly records: PaxRecord[]; readonly isWhole: boolean } {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < payload.length && payload[at] !== 0) {
    let blank = at;
    while (blank < payload.length && payload[blank] !== BLANK && blank - at < MAX_LENGTH_DIGITS) blank++;
    const digits = Buffer.from(payload.subarray(at, blank)).toString("latin1");
    const length = /^\d+$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = payload.indexOf(EQUALS, blank);
    const isRecord =
      payload[blank] === BLANK && length > blank - at + 2 && end <= payload.length && equals !== -1 && equals < end;
    if (!isRecord || payload[end - 1] !== LINE_FEED) return { records, isWhole: false };
    const key = Buffer.from(payload.subarray(blank + 1, equals)).toString("latin1");
    records.push({ key, from: equals + 1, to: end - 1 });
    at = end;
  }
  return { records, isWhole: true };
}

function decimal(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** What the records of a payload mean; null when one of them cannot be read. */
export function paxFacts(payload: Uint8Array): PaxFacts | null {
  const { records, isWhole } = paxRecords(payload);
  if (!isWhole) return null;
  const facts: PaxFacts = { path: null, linkPath: null, size: null, sparse: null, isMapInBody: false };
  let sparseName: Uint8Array | null = null;
  let major = "";
  const pairs: number[] = [];
  for (const { key, from, to } of records) {
    const value = payload.slice(from, to);
    const text = to - from < 64 || key === "GNU.sparse.map" ? Buffer.from(value).toString("latin1") : "";
    if (key === "path") facts.path = value.length === 0 ? null : value;
    else if (key === "linkpath") facts.linkPath = value.length === 0 ? null : value;
    else if (key === "size") facts.size = text === "" ? null : decimal(text);
    else if (key === "GNU.sparse.name") sparseName = value;
    else if (key === "GNU.sparse.major") major = text;
    else if (key === "GNU.sparse.map") facts.sparse = text.split(",").map(decimal);
    else if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") pairs.push(decimal(text));
  }
  if (pairs.length > 0) facts.sparse = pairs;
  if (sparseName !== null) facts.path = sparseName;
  facts.isMapInBody = major === "1";
  return Number.isNaN(facts.size) ? null : facts;
}

/** The map at the start of the body of a sparse file of format 1.0, and the bytes it takes; null when it is not whole. */
export function sparseMapInBody(body: Uint8Array): { readonly map: number[]; readonly bytes: number } | null {
  let at = 0;
  const line = (): number => {
    const end = body.indexOf(LINE_FEED, at);
    if (end === -1 || end - at > 20) return Number.NaN;
    const value = decimal(Buffer.from(body.subarray(at, end)).toString("latin1"));
    at = end + 1;
    return value;
  };
  const count = line();
  if (Number.isNaN(count)) return null;
  const map: number[] = [];
  for (let i = 0; i < count * 2; i++) {
    const value = line();
    if (Number.isNaN(value)) return null;
    map.push(value);
  }
  return { map, bytes: Math.ceil(at / 512) * 512 };
}

/** The offset in a sparse file of a byte that is stored at `stored`; null when the map does not reach there. */
export function sparseOffset(map: readonly number[], stored: number): number | null {
  let left = stored;
  for (let i = 0; i + 1 < map.length; i += 2) {
    const length = map[i + 1] ?? 0;
    if (left < length) return (map[i] ?? 0) + left;
    left -= length;
  }
  return null;
}
