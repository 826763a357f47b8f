/**
 * How a build secret comes into the RUNs of a file: by `env=` where the Dockerfile's syntax has it (docker/dockerfile
 * 1.10), else as a file that the command reads. Writes the RUN that a fix tells of in that form.
 */

import type { SplitDockerfile } from "./split.ts";

/** Null for a file whose syntax has no secrets, or is not known. */
export type SecretForm = "env" | "file" | null;

/** The flags in front of a command, each with a blank behind it. */
const FLAGS = /^(?:--\S+ )*/;

/** docker/dockerfile of Docker Hub, or a copy of it in a registry. */
const OFFICIAL = /(?:^|\/)docker\/dockerfile(?:-upstream)?(?::([\w.-]+))?(?:@sha256:[0-9a-f]+)?$/;

/** Which form a syntax line allows; the releases are those of the docker/dockerfile image. */
function formOf(syntax: string): SecretForm {
  const match = OFFICIAL.exec(syntax);
  if (match === null) return null;
  const tag = match[1] ?? (syntax.includes("@") ? "" : "latest");
  if (/^(?:latest|labs|master|1|1-labs)$/.test(tag)) return "env";
  const [, major = "", minor = ""] = /^(\d+)\.(\d+)(?:[.-]|$)/.exec(tag) ?? [];
  if (major === "") return null;
  if (Number(major) > 1 || Number(minor) >= 10) return "env";
  return Number(minor) >= 2 ? "file" : null;
}

/** How secrets can be handed over in a file of this path and text. */
export function secretForm(path: string, text: string, { directives }: SplitDockerfile): SecretForm {
  // Podman and buildah know the file alone (podman-container-tools/podman#24906), and read no syntax line.
  if (/(?:^|\/)Containerfile[^/]*$/.test(path)) return "file";
  const syntax = directives.find(({ name }) => name === "syntax");
  if (syntax !== undefined) return formOf(syntax.value);
  return /^\u{feff}?#!/u.test(text) ? null : "env";
}

/**
 * The RUN that is given a secret as variables. A file is readable for any user: who the RUN's is, may be decided elsewhere.
 * @param run flags and command
 */
export function secretRun(
  form: SecretForm,
  { id, names }: { readonly id: string; readonly names: readonly string[] },
  run: string,
): string {
  if (form !== "file") return `RUN ${names.map((name) => `--mount=type=secret,id=${id},env=${name} `).join("")}${run}`;
  const [flags = ""] = FLAGS.exec(run) ?? [];
  const isThere = flags.split(/[ ,]/).includes(`id=${id}`);
  const mount = isThere ? "" : `--mount=type=secret,id=${id},mode=0444 `;
  const values = names.map((name) => ` ${name}="$(cat /run/secrets/${id})"`);
  return `RUN ${mount}${flags}export${values.join("")} && ${run.slice(flags.length)}`;
}
