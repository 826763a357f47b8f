/** Platforms as people write them. */

import { field, text } from "../json-document.ts";

/** `os/architecture[/variant]` of a config or a descriptor's `platform`; null when it names none. */
export function platformOf(value: unknown): string | null {
  const os = text(field(value, "os"));
  const architecture = text(field(value, "architecture"));
  if (os === null || architecture === null || os === "" || architecture === "") return null;
  const variant = text(field(value, "variant"));
  return [os, architecture, ...(variant === null || variant === "" ? [] : [variant])].join("/");
}

/** True when a platform is the one asked for; `linux/arm64` takes every variant. */
export function isPlatform(platform: string | null, wanted: string): boolean {
  return platform === wanted || (platform ?? "").startsWith(`${wanted}/`);
}
