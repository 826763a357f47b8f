/** How the lexers of this folder leave from any depth. Caught where they start and returned as a problem, never let out. */
export class LexError extends Error {
  override readonly name: string = "LexError";
  /** Offset in the text that was read, of what could not be. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
