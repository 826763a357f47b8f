/** What stands in place of a build argument: the build secret, in the words of the file that hands it over. */

import type { Pass } from "../../callers/facts.ts";
import { isTokenName } from "../../token/name.ts";

/** The name of the secret: the argument's own when that says what it is, else the one that Hugging Face's clients read. */
function secretName({ argument }: Pass): string {
  return isTokenName(argument) ? argument : "HF_TOKEN";
}

/** The variable of the caller that the token comes from. */
function variableName(pass: Pass): string {
  return pass.source !== null && /^[A-Za-z_]\w*$/.test(pass.source) ? pass.source : secretName(pass);
}

/** One sentence with the replacement. */
export function replacementFor(pass: Pass): string {
  const name = secretName(pass);
  const variable = variableName(pass);
  const revoke = pass.token === null ? "" : "Revoke this token at huggingface.co/settings/tokens. ";
  const run =
    pass.form === "podman-option"
      ? `RUN --mount=type=secret,id=${name},mode=0444 export ${name}="$(cat /run/secrets/${name})" && …`
      : `RUN --mount=type=secret,id=${name},env=${name} …`;
  const mount = `and in the Dockerfile mount it: ${run}`;
  switch (pass.form) {
    case "compose":
      return `${revoke}Delete this argument, write \`secrets: [${name}]\` below \`build:\` and \`secrets: { ${name}: { environment: ${variable} } }\` at the top level, ${mount}`;
    case "bake":
      return `${revoke}Delete this argument, write \`secret = ["id=${name},env=${variable}"]\` in the target, ${mount}`;
    case "set":
      return `${revoke}Write \`*.secrets=id=${name},env=${variable}\` instead, with ${variable} in the environment, ${mount}`;
    case "input": {
      const value = pass.source?.startsWith("secrets.") === true ? pass.source : `secrets.${name}`;
      return `${revoke}Delete this argument, give the action \`secrets: ${name}=$\{{ ${value} }}\`, ${mount}`;
    }
    case "compose-option":
      return `${revoke}Delete this option, write \`secrets: [${name}]\` below the service's \`build:\` and \`secrets: { ${name}: { environment: ${variable} } }\` at the top level of the compose file, ${mount}`;
    case "option-without-secrets":
      return `${revoke}This builder hands no secret to a RUN: build with BuildKit (\`docker buildx build --secret id=${name},env=${variable} .\`), ${mount}`;
    case "typed":
      return `${revoke}Let nothing be put in (\`<<'EOF'\` for a heredoc, \`$$\` in a compose file), build with the secret id=${name},env=${variable}, ${mount}`;
    case "podman-option":
    case "option":
      return `${revoke}Write \`--secret id=${name},env=${variable}\` instead, with ${variable} exported, ${mount}`;
  }
}
