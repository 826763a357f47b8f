/** Judges build arguments that a calling file fills with a token. Reads facts only. */

import type { CallerFacts, Pass } from "../../callers/facts.ts";
import { locationOf, relatedTo } from "../../callers/place.ts";
import type { CallerRule } from "../../callers/rule.ts";
import type { Draft } from "../../model/finding.ts";
import type { SourceLocation } from "../../model/location.ts";
import { replacementFor } from "./replacement.ts";

function what({ argument, suspicion, source, token, receivers, form }: Pass): string {
  if (form === "typed") return `The value of ${source ?? argument} is put into the Dockerfile that is built here`;
  const name = `the build argument ${argument}`;
  if (token !== null)
    return `The token ${token.preview} is handed over as ${name}${token.known === null ? "" : ` (${token.known})`}`;
  if (suspicion?.kind === "source" && source !== null && source !== argument)
    return `${source.replace(/^the /, "The ")} is handed over as ${name}`;
  if (suspicion === null && receivers.length > 0) return `The Dockerfile uses ${name} as a Hugging Face token`;
  return `A Hugging Face token is handed over as ${name}`;
}

/** Where each build writes it; the passes are one stretch of the file, in as many builds as use it. */
function draftOf(facts: CallerFacts, passes: readonly [Pass, ...Pass[]]): Draft {
  const [pass] = passes;
  const { token, suspicion, argument } = pass;
  const receivers = new Map<string, SourceLocation>();
  for (const place of passes.flatMap((item) => item.receivers))
    receivers.set(`${place.path} ${place.region.start.line}`, place);
  const isMax = passes.some(({ build }) => build.provenanceMax);
  const provenance = isMax
    ? ", and provenance in mode=max, asked for here, records it in an attestation of its own"
    : "";
  return {
    level: token !== null && token.known !== null ? "note" : "error",
    confidence: pass.confidence,
    message: `${what(pass)}: the build writes its value into the image's history, where everyone who can pull the image reads it${provenance}.`,
    token,
    fix: replacementFor(pass),
    locations: [
      locationOf(facts, pass.span),
      ...(suspicion?.kind === "source" ? relatedTo(facts, suspicion.steps) : []),
      ...receivers.values(),
    ],
    identity: [pass.form, argument],
  };
}

/** token-passed-as-build-argument */
export const tokenPassedAsBuildArgument: CallerRule = {
  meta: {
    id: "token-passed-as-build-argument",
    subject: "caller",
    level: "error",
    summary: "A file that calls the build hands a Hugging Face token over as a build argument",
    rationale: `The value of a build argument is no secret to the image: BuildKit writes it into the history (\`docker history --no-trunc\` shows it), and provenance with \`mode=max\` records it in an attestation, also where the Dockerfile never uses it in the final stage. Masking in the log of a CI system does not change that.

Compose files (\`build.args\`), bake files (\`args\`), CI files (\`build-args\` of build actions, \`set\` of the bake action, \`--build-arg\` in scripts), Makefiles, shell scripts and package.json are read. An argument counts by its name (\`HF_TOKEN\`), by a token that stands in its value, by what the value comes from (\`MODEL_KEY=$\{HF_TOKEN}\`, \`$\{{ secrets.HF_TOKEN }}\`, a variable that took it before), and by the Dockerfile that receives it, when that is linted in the same run. The value of a token's name that is put into a Dockerfile's own text counts as well: by the shell into a heredoc (\`docker build - <<EOF\`), by compose into \`dockerfile_inline\`. Variables of the running container and build secrets are silent.`,
    remediation: `Hand the token over as a build secret, under the same name. On the command line: \`docker build --secret id=HF_TOKEN,env=HF_TOKEN .\`; in compose \`build.secrets\`; in bake \`secret = ["id=HF_TOKEN,env=HF_TOKEN"]\`; for docker/build-push-action \`secrets: HF_TOKEN=$\{{ secrets.HF_TOKEN }}\`. In the Dockerfile: \`RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model\`. Then make a new token: the old one is in every image that was built.`,
    bad: [
      {
        title: "a compose service",
        file: "compose.yaml",
        text: "services:\n  api:\n    build:\n      context: .\n      args:\n        HF_TOKEN: ${HF_TOKEN}\n",
      },
      {
        title: "a script, under another name",
        file: "build.sh",
        text: '#!/bin/sh\ndocker build --build-arg MODEL_KEY="$HF_TOKEN" -t app .\n',
      },
    ],
    good: [
      {
        title: "a build secret of a compose service",
        file: "compose.yaml",
        text: "services:\n  api:\n    build:\n      context: .\n      secrets: [HF_TOKEN]\n    environment:\n      HF_TOKEN: ${HF_TOKEN}\nsecrets:\n  HF_TOKEN:\n    environment: HF_TOKEN\n",
      },
      {
        title: "a build secret in a script",
        file: "build.sh",
        text: "#!/bin/sh\ndocker build --secret id=HF_TOKEN,env=HF_TOKEN -t app .\n",
      },
    ],
  },
  check: (facts) => {
    const bySpan = new Map<string, [Pass, ...Pass[]]>();
    for (const pass of facts.passes.filter(({ suspicion, receivers }) => suspicion !== null || receivers.length > 0)) {
      const key = `${pass.span.start} ${pass.span.end} ${pass.argument}`;
      const others = bySpan.get(key);
      if (others === undefined) bySpan.set(key, [pass]);
      else others.push(pass);
    }
    return [...bySpan.values()].map((passes) => draftOf(facts, passes));
  },
};
