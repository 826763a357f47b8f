/** The parts that an accept entry and a baseline entry have in common, as schemas. */

import { z } from "zod";

/** A SHA-256 in hex. */
export const HASH: RegExp = /^[0-9a-fA-F]{64}$/;

const MAX_REASON = 2000;

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Why a finding is let through: demanded, and not blank. */
export const reasonSchema: z.ZodString = z
  .string({ error: "a text that says why" })
  .regex(/\S/, { error: "a text that says why" })
  .max(MAX_REASON, { error: `at most ${MAX_REASON} characters long` })
  .describe("Why it is let through; shown in the report.");

/** The last day on which an entry counts. */
export const dateSchema: z.ZodString = z
  .string({ error: "a date, YYYY-MM-DD" })
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: "a date, YYYY-MM-DD" })
  .refine(isDate, { error: "a date of the calendar, YYYY-MM-DD" })
  .describe("The last day on which the entry counts, YYYY-MM-DD (UTC).");
