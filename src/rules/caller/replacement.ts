/** What stands in place of a build argument: the build secret, in the words of the file that hands it over. */

import type { Pass } from "../../callers/facts.ts";

/** The variable that the token comes from, for `--secret id=NAME,env=NAME`. */
function secretName({ argument, source }: Pass): string {
  const last = (source ?? argument).replace(/^.*\./, "");
  return /^[A-Za-z_]\w*$/.test(last) ? last : argument;
}

/** One sentence with the replacement. */
export function replacementFor(pass: Pass): string {
  const name = secretName(pass);
  const mount = `and in the Dockerfile mount it: RUN --mount=type=secret,id=${name},env=${name} …`;
  switch (pass.form) {
    case "compose":
      return `Delete this argument, write \`secrets: [${name}]\` below \`build:\` and \`secrets: { ${name}: { environment: ${name} } }\` at the top level, ${mount}`;
    case "bake":
      return `Delete this argument, write \`secret = ["id=${name},env=${name}"]\` in the target, ${mount}`;
    case "set":
      return `Write \`*.secrets=id=${name},env=${name}\` instead, with ${name} in the environment of this step, ${mount}`;
    case "input": {
      const value = pass.source?.startsWith("secrets.") === true ? `$\{{ ${pass.source} }}` : `$\{{ secrets.${name} }}`;
      return `Delete this argument, give the action \`secrets: ${name}=${value}\`, ${mount}`;
    }
    case "option":
      return `Write \`--secret id=${name},env=${name}\` instead, with ${name} exported, ${mount}`;
  }
}
