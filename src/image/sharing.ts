/**
 * From which sizes on the members of an archive are read elsewhere than where they are met. Nothing but numbers, and
 * nobody changes them but the tests, which also run with everything shared out.
 */

/** The sizes, in bytes. */
export const SHARING: { minJobBytes: number; minSharedBytes: number } = {
  /** Smaller members are read where they are met. */
  minJobBytes: 1_048_576,
  /**
   * Another thread pays from so many bytes on that it can take off this one: it takes some 60 ms to come up, in which a
   * tenth of a gigabyte is searched.
   */
  minSharedBytes: 134_217_728,
};
