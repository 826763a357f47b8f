/**
 * The use case of linting the Dockerfiles that stand in a calling file (`dockerfile_inline`, a heredoc): each is linted as a
 * Dockerfile, and every place in it is told as the place in the calling file. Pure.
 */

import { redactAll } from "./assemble.ts";
import type { CallerFacts, InlineDockerfile } from "./callers/facts.ts";
import { locationOf } from "./callers/place.ts";
import { toSourceSpan } from "./dockerfile/mapped-text.ts";
import { offsetAt, positionAt, sourceText, type SourceText } from "./dockerfile/source-text.ts";
import { lintDockerfileFacts, type LintOptions } from "./lint.ts";
import type { Finding } from "./model/finding.ts";
import type { Gap } from "./model/gap.ts";
import { isInSource, type Location, type Position } from "./model/location.ts";
import type { Secrets } from "./token/secrets.ts";

/** How to lint; the file says which stage is built. */
export interface InlineOptions extends Omit<LintOptions, "path" | "target" | "contexts"> {
  /** Learns every secret of the Dockerfiles, and keeps it out of what is shown of the calling file. */
  readonly secrets: Secrets;
}

/** Tells the place of a Dockerfile as the place of the calling file that it stands in. */
function moved(location: Location, facts: CallerFacts, { text }: InlineDockerfile, source: SourceText): Location {
  if (!isInSource(location)) return location;
  const { start, end } = location.region;
  const span = toSourceSpan(text, offsetAt(source, start), offsetAt(source, end));
  return locationOf(facts, span, location.role, location.text);
}

/** What is found in the Dockerfiles of a calling file. */
export function lintInline(
  facts: CallerFacts,
  options: InlineOptions,
): { readonly findings: readonly Finding[]; readonly gaps: readonly Gap[] } {
  const outcomes = facts.inlineDockerfiles.map((inline) => {
    const source = sourceText(inline.text.text);
    const { path } = facts;
    const { outcome } = lintDockerfileFacts(inline.text.text, { ...options, path, target: inline.targets });
    const findings = outcome.findings.map((finding): Finding => {
      return { ...finding, locations: finding.locations.map((location) => moved(location, facts, inline, source)) };
    });
    const gaps = outcome.gaps.map((gap): Gap => {
      const [, line, column] = /:(\d+):(\d+)$/.exec(gap.at) ?? [];
      if (line === undefined || column === undefined) return gap;
      const offset = offsetAt(source, { line: Number(line), column: Number(column) });
      const place = positionAt(facts.source, toSourceSpan(inline.text, offset, offset).start);
      return { ...gap, at: `${path}:${place.line}:${place.column}` };
    });
    return { findings, gaps };
  });
  // The calling file's own lines are shown, in which nobody has masked what the Dockerfile's values are.
  const findings = redactAll(
    outcomes.flatMap((item) => item.findings),
    options.secrets,
  );
  return { findings, gaps: outcomes.flatMap((item) => item.gaps) };
}

function startOf({ locations: [place] }: Finding): Position {
  return place !== undefined && isInSource(place) ? place.region.start : { line: 0, column: 0 };
}

/** Findings of one calling file, by their place in it. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => {
    const [x, y] = [startOf(a), startOf(b)];
    return x.line - y.line || x.column - y.column;
  });
}
