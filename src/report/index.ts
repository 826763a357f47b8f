/** The output formats by name, each loaded when it is asked for. A new format is one new file, its name and one line here. */

import { knownName } from "../model/known-name.ts";
import type { Report } from "../model/report.ts";
import type { FormatModule, FormatOptions } from "./format.ts";

/** Every output format, the default first. */
export const FORMATS = ["text", "json", "sarif", "github", "gitlab", "junit", "markdown", "html"] as const;

/** The name of an output format. */
export type FormatName = (typeof FORMATS)[number];

const LOADERS = {
  text: () => import("./text.ts"),
  json: () => import("./json.ts"),
  sarif: () => import("./sarif.ts"),
  github: () => import("./github.ts"),
  gitlab: () => import("./gitlab.ts"),
  junit: () => import("./junit.ts"),
  markdown: () => import("./markdown.ts"),
  html: () => import("./html.ts"),
} satisfies Record<FormatName, () => Promise<FormatModule>>;

/** How `render` shows a report; everything but the format may be left out. */
export interface RenderOptions extends Partial<FormatOptions> {
  readonly format: FormatName;
}

/**
 * The report as the whole text of one output, with a final line feed; without colours unless asked for.
 * @throws HullcheckError (`usage`) for a format that there is not
 */
export async function render(report: Report, options: RenderOptions): Promise<string> {
  const { format } = await LOADERS[knownName("format", options.format, FORMATS)]();
  return format(report, {
    color: options.color ?? false,
    rules: options.rules ?? [],
    atLeast: options.atLeast ?? null,
    failOn: options.failOn ?? "error",
  });
}
