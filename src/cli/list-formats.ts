/** The formats of what is a list and no report. */
export const LIST_FORMATS = ["text", "json"] as const;
