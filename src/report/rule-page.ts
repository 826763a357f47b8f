/** What a rule tells about itself, as a page: for `explain`, SARIF help and docs/rules. Everything comes from the metadata. */

import type { Example, RuleMeta } from "../model/rule.ts";

const LOOKS_AT: Readonly<Record<RuleMeta["subject"], string>> = {
  dockerfile: "Dockerfiles",
  caller: "the files that call a build",
  image: "images",
  policy: "the config and the baseline",
};

/** The language of an example, for its code fence. */
function languageOf({ file }: Example, subject: RuleMeta["subject"]): string {
  if (file !== undefined) return file.slice(file.lastIndexOf(".") + 1).toLowerCase();
  return subject === "dockerfile" ? "dockerfile" : "text";
}

/** Examples hold a mark where the tests put a fake token; a reader sees the start of one. */
export function readable(text: string): string {
  return text.replaceAll(/@@TOKEN:[a-z0-9:-]+@@/g, "hf_…");
}

function markdownExamples(title: string, examples: readonly Example[], subject: RuleMeta["subject"]): string[] {
  if (examples.length === 0) return [];
  return [
    `## ${title}`,
    "",
    ...examples.flatMap((example) => [
      `${example.title}:`,
      "",
      `\`\`\`${languageOf(example, subject)}`,
      readable(example.text.trimEnd()),
      "```",
      "",
    ]),
  ];
}

/** The page of a rule in Markdown, with a final line feed. */
export function ruleMarkdown(meta: RuleMeta): string {
  return `${[
    `# ${meta.id}`,
    "",
    `${meta.summary}. Level: ${meta.level}. Looks at: ${LOOKS_AT[meta.subject]}.`,
    "",
    "## Why",
    "",
    meta.rationale.trim(),
    "",
    "## How to fix it",
    "",
    meta.remediation.trim(),
    "",
    ...markdownExamples("Bad", meta.bad, meta.subject),
    ...markdownExamples("Good", meta.good, meta.subject),
  ]
    .join("\n")
    .trimEnd()}\n`;
}

function indented(text: string): string {
  return text.trim().replaceAll(/^(?=.)/gm, "  ");
}

/** Markdown as a terminal shows it: a block of code is told by its indent, without fences. */
function plain(markdown: string): string {
  return indented(markdown.replaceAll(/^```.*\n([^]*?)\n```$/gm, (_, code: string) => indented(code)));
}

function textExamples(title: string, examples: readonly Example[]): string[] {
  return examples.flatMap((example) => ["", `${title}: ${example.title}`, "", indented(readable(example.text))]);
}

/** The page of a rule for a terminal, with a final line feed. */
export function ruleText(meta: RuleMeta): string {
  return `${[
    `${meta.id} (${meta.level}, ${meta.subject})`,
    `  ${meta.summary}`,
    "",
    "Why",
    "",
    plain(meta.rationale),
    "",
    "How to fix it",
    "",
    plain(meta.remediation),
    ...textExamples("Bad", meta.bad),
    ...textExamples("Good", meta.good),
  ].join("\n")}\n`;
}
