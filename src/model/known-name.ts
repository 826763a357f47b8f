/** One of a few names that a person types: a format, a level, a rule, an engine. Pure. */

import { hintFor } from "./did-you-mean.ts";
import { HullcheckError } from "./errors.ts";

/**
 * The known name that was typed.
 * @param what what such a name is called
 * @param where what stands behind the name in the error: ` for --ci`; nothing unless given
 * @throws HullcheckError for any other name, with the closest one
 */
export function knownName<Name extends string>(
  what: string,
  typed: string,
  known: readonly Name[],
  where: string = "",
): Name {
  const name = known.find((one) => one === typed);
  if (name !== undefined) return name;
  throw new HullcheckError("usage", `unknown ${what} '${typed}'${where}`, { hint: hintFor(typed, known) });
}
