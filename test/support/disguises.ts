/** A token in the forms that must not show, for tests that look through outputs. */

/** The token as it is, without its end, in hex, and in base64 whatever stands before it. */
export function disguises(token: string): readonly string[] {
  const bytes = Buffer.from(token);
  const base64 = [0, 1, 2].map((phase) => {
    const encoded = Buffer.concat([Buffer.alloc(phase, "x"), bytes]).toString("base64");
    return encoded.slice(4, -4);
  });
  return [token, token.slice(0, -8), bytes.toString("hex"), ...base64];
}
