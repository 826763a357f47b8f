/** Turns a stretch of a Dockerfile into the location of a finding, with the masked lines that a reader is shown. */

import type { ContextLocation, LocationRole, SourceLocation } from "../model/location.ts";
import { maskSpans } from "../token/secrets.ts";
import type { DockerfileFacts, Step } from "./facts.ts";
import type { Span } from "./mapped-text.ts";
import { positionAt, regionAt } from "./source-text.ts";

/** Lines of a region that a snippet shows at most; the first ones of a longer region. */
const MAX_SNIPPET_LINES = 8;
/** A longer line is no use to a reader, and may be a megabyte. */
const MAX_SNIPPET_LENGTH = 4096;

/** The location of a stretch of the file, given as source offsets. */
export function locationOf(
  facts: Pick<DockerfileFacts, "path" | "source" | "hidden">,
  { start, end }: Span,
  role: LocationRole = "primary",
  text: string | null = null,
): SourceLocation {
  const { source, path } = facts;
  // A CR before the line break is part of it, although a heredoc's last word ends with it.
  const isAfterCr = end > start && source.text.charAt(end - 1) === "\r" && source.text.charAt(end) === "\n";
  const region = regionAt(source, start, isAfterCr ? end - 1 : end);
  const last = Math.min(region.end.line, region.start.line + MAX_SNIPPET_LINES - 1);
  const from = source.lineStarts[region.start.line - 1] ?? 0;
  const to = source.lineStarts[last] ?? source.text.length;
  if (to - from > MAX_SNIPPET_LENGTH) return { role, text, in: "dockerfile", path, region, snippet: null };
  const hidden = facts.hidden.filter((span) => span.start < to && span.end > from);
  const masked = maskSpans(
    source.text.slice(from, to),
    hidden.map((span) => ({ start: Math.max(0, span.start - from), end: Math.min(to, span.end) - from })),
  );
  return { role, text, in: "dockerfile", path, region, snippet: masked.replace(/\r?\n$/, "") };
}

/** The steps of a flow as related locations, in order. */
export function relatedTo(
  facts: Pick<DockerfileFacts, "path" | "source" | "hidden" | "scripts">,
  steps: readonly Step[],
): (SourceLocation | ContextLocation)[] {
  return steps.map(({ span, text }) => {
    const script = facts.scripts.findLast(({ start }) => start <= span.start);
    if (script === undefined) return locationOf(facts, span, "related", text);
    const { line } = positionAt(script.source, span.start - script.start);
    return { role: "related", text, in: "context", path: script.shown, byteOffset: null, line };
  });
}
