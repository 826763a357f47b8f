/**
 * Text that was put together from stretches of another text, and the way back. Joined lines, stripped heredocs, unquoted
 * words and decoded JSON strings are all of this kind. Knows nothing of what the text means.
 */

/** A stretch of a text, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A stretch of mapped text and where it comes from. */
interface Segment {
  /** Offset in the mapped text. */
  readonly at: number;
  /** Offset in the text it comes from. */
  readonly src: number;
  /** Characters in the mapped text. */
  readonly length: number;
  /** Characters in the text it comes from: `length` where text was taken over as it stands, more for an escape. */
  readonly srcLength: number;
}

/** A text that knows where each of its characters comes from. */
export interface MappedText {
  readonly text: string;
  /** Ascending and without holes over `text`; never empty, so that an empty text has a place too. */
  readonly segments: readonly Segment[];
}

/** The segment that holds the character at `offset`: the last one for an offset past the end. */
function segmentAt(mapped: MappedText, offset: number): Segment {
  const { segments } = mapped;
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle]?.at ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return segments[low] ?? { at: 0, src: 0, length: 0, srcLength: 0 };
}

/** Where the character at `offset` comes from; the offset past the end gives the place after the last character's source. */
export function toSource(mapped: MappedText, offset: number): number {
  const segment = segmentAt(mapped, offset);
  const inside = Math.max(0, offset - segment.at);
  if (inside >= segment.length) return segment.src + segment.srcLength;
  return segment.src + Math.min(inside, segment.srcLength);
}

/** Where a stretch comes from: from its first character to the end of its last, so that no line break after it is counted in. */
export function toSourceSpan(mapped: MappedText, start: number, end: number): Span {
  const from = toSource(mapped, start);
  if (end <= start) return { start: from, end: from };
  const segment = segmentAt(mapped, end - 1);
  const inside = end - segment.at;
  return { start: from, end: segment.src + (inside >= segment.length ? segment.srcLength : inside) };
}

/** A stretch of a text taken over as it stands. */
export function verbatim(source: string, start: number, end: number): MappedText {
  const length = Math.max(0, end - start);
  return { text: source.slice(start, end), segments: [{ at: 0, src: start, length, srcLength: length }] };
}

/** The first offset from `from` on (below `end`) whose character is one of `stops`. */
export function runEnd(source: string, from: number, end: number, stops: string): number {
  let at = from;
  while (at < end && !stops.includes(source.charAt(at))) at++;
  return at;
}

/** Collects mapped text from left to right. */
export interface MappedBuilder {
  /** Appends characters that stand at `src` and took `srcLength` characters there. */
  readonly add: (text: string, src: number, srcLength?: number) => void;
  readonly length: () => number;
  /** What was collected; an empty text is placed at `emptyAt`. */
  readonly build: (emptyAt: number) => MappedText;
}

/** A builder with nothing in it yet. */
export function mappedBuilder(): MappedBuilder {
  let text = "";
  const segments: Segment[] = [];
  return {
    add: (added, src, srcLength = added.length) => {
      if (added === "") return;
      const last = segments.at(-1);
      const isVerbatim = srcLength === added.length;
      if (last !== undefined && isVerbatim && last.length === last.srcLength && last.src + last.srcLength === src) {
        const length = last.length + added.length;
        segments[segments.length - 1] = { at: last.at, src: last.src, length, srcLength: length };
      } else {
        segments.push({ at: text.length, src, length: added.length, srcLength });
      }
      text += added;
    },
    length: () => text.length,
    build: (emptyAt) => ({
      text,
      segments: segments.length > 0 ? segments : [{ at: 0, src: emptyAt, length: 0, srcLength: 0 }],
    }),
  };
}
