/** Settings as a flat list, one line a value, with where each comes from: what `hullcheck config` prints. Pure. */

import type { AcceptEntry, BaselineEntry, FileOrigin, Origin, Setting, Settings } from "./settings.ts";

/** One value that is in force. */
export interface ValueInForce {
  /** The key as the config names it: `failOn`, `levels.login-at-start`, `accept[0]`. */
  readonly name: string;
  readonly value: string | number;
  readonly origin: Origin;
}

function listed(name: string, settings: readonly Setting<string>[]): ValueInForce[] {
  return settings.map(({ value, origin }, i) => ({ name: `${name}[${i}]`, value, origin }));
}

function mapped(name: string, settings: Readonly<Record<string, Setting<string | number>>>): ValueInForce[] {
  return Object.entries(settings).map(([key, { value, origin }]) => ({ name: `${name}.${key}`, value, origin }));
}

function dated(text: string, { expires }: AcceptEntry | BaselineEntry): string {
  return expires === null ? text : `${text} (until ${expires})`;
}

function accepted(entry: AcceptEntry): string {
  const { fingerprint, token, rule, path, reason } = entry;
  const criteria = Object.entries({ fingerprint, token, rule, path }).flatMap(([key, value]) =>
    value === null ? [] : [`${key} ${value}`],
  );
  return dated(`${criteria.join(", ")}: ${reason}`, entry);
}

/** Every value that is in force; of the limits also those that apply by default. */
export function valuesInForce(settings: Settings, defaultLimits: Readonly<Record<string, number>>): ValueInForce[] {
  const byDefault: Origin = { from: "default" };
  const limits = Object.fromEntries(
    Object.entries(defaultLimits).map(([name, value]) => [name, settings.limits[name] ?? { value, origin: byDefault }]),
  );
  const { baseline } = settings;
  const start: FileOrigin | null = baseline === null ? null : { from: "file", path: baseline.path, line: 1, column: 1 };
  return [
    { name: "failOn", value: settings.failOn.value, origin: settings.failOn.origin },
    ...mapped("levels", settings.levels),
    ...listed("tokenVariables", settings.tokenVariables),
    ...listed("ignorePaths", settings.ignorePaths),
    ...settings.accept.map((entry, i) => ({ name: `accept[${i}]`, value: accepted(entry), origin: entry.origin })),
    ...listed("acceptedGaps", settings.acceptedGaps),
    ...mapped("limits", limits),
    ...listed("images", settings.images),
    ...(baseline === null || start === null
      ? []
      : [{ name: "baseline", value: `${baseline.entries.length} entries`, origin: start }]),
  ];
}
