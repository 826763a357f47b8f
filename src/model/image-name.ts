/** What of an image's name stays when the image is built again. Pure. */

/** The name without tag and digest; the platform that a report puts behind it stays: `app:1 [linux/amd64]` is `app [linux/amd64]`. */
export function withoutTag(image: string): string {
  const [, name = image, platform = ""] = /^(.*?)( \[[^\]]*\])?$/s.exec(image) ?? [];
  return `${name.replace(/@sha256:[0-9a-f]+$/, "").replace(/:[^/:]*$/, "")}${platform}`;
}
