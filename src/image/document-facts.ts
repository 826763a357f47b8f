/** Gives tokens in an image's JSON their place: a variable of the config, a history entry, a statement. */

import type { ConfigLocation, HistoryLocation } from "../model/location.ts";
import { findTokens } from "../token/match.ts";
import type { Secrets } from "../token/secrets.ts";
import type { ImageFacts, AttestationToken, ConfigToken, HistoryToken, NamedSecret } from "./facts.ts";
import { isSecretValue, variableAround, type History } from "./history.ts";
import type { DocumentRef, ImageRef } from "./image.ts";
import { field, items, text } from "./json-document.ts";
import type { Member } from "./member.ts";

const HISTORY_POINTER = /^\/history\/(\d+)(?:\/|$)/;

function configAt(
  image: string,
  pointer: string,
  { member, what }: DocumentRef,
  variable: string | null,
): ConfigLocation {
  const where = what === "config" ? null : `in the ${what} ${member.name}`;
  return { in: "config", role: "primary", text: where, image, pointer, variable };
}

function historyAt(image: string, index: number, pointer: string, variable: string | null): HistoryLocation {
  return { in: "history", role: "primary", text: null, image, index, pointer, variable };
}

/** The variable of an instruction that holds a token; null when it stands in a command as well. */
function variableOf(instruction: string, sha256: string, secrets: Secrets): string | null {
  const [first = null, ...others] = findTokens(instruction)
    .filter((match) => secrets.facts(match).sha256 === sha256)
    .map(({ start }) => variableAround(instruction, start));
  return others.includes(null) ? null : first;
}

/** The string at a pointer into a document. */
function stringAt(value: unknown, pointer: string): string {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return text(field(value, ...keys)) ?? "";
}

/** The variable or label that a pointer into a config means. */
function variableAt(value: unknown, pointer: string): string | null {
  const parts = /^\/(?:config|container_config)\/(Env|Labels)\/(.+)$/.exec(pointer);
  if (parts === null) return null;
  if (parts[1] === "Labels") return (parts[2] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
  return /^([^=]*)=/.exec(stringAt(value, pointer))?.[1] ?? null;
}

/** Variables and labels that by their names hold a token, with values of no known shape. */
function namedSecrets(image: string, document: DocumentRef, secrets: Secrets): NamedSecret[] {
  const value = document.member.json?.value;
  const withTokens = new Set(document.member.json?.hits.map((hit) => hit.pointer));
  return ["config", "container_config"].flatMap((part) => {
    const variables = items(field(value, part, "Env")).map((entry, i): [string, string, string] => {
      const [name = "", ...rest] = (text(entry) ?? "").split("=");
      return [name, rest.join("="), `/${part}/Env/${i}`];
    });
    const labels = field(value, part, "Labels");
    const named = typeof labels === "object" && labels !== null ? Object.entries(labels) : [];
    for (const [name, label] of named) {
      variables.push([name, text(label) ?? "", `/${part}/Labels/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`]);
    }
    return variables.flatMap(([name, secret, pointer]): NamedSecret[] => {
      if (!secrets.isTokenName(name) || !isSecretValue(secret, name) || withTokens.has(pointer)) return [];
      secrets.hide(secret);
      return [{ name, location: configAt(image, pointer, document, name), instruction: null }];
    });
  });
}

/** The tokens of a statement; one that is too large to be parsed was searched as bytes, and has no pointers. */
export function attestationTokens(image: string, member: Member, note: string | null = null): AttestationToken[] {
  const found = [
    ...(member.json?.hits ?? []),
    ...(member.json === null ? (member.stream?.hits ?? []) : []).map((hit) => ({ ...hit, pointer: null })),
  ];
  const digest = member.name.replace(/^blobs\/([^/]+)\//, "$1:");
  return found.map(({ token, confidence, pointer }) => ({
    token,
    confidence,
    location: { in: "attestation", role: "primary", text: note, image, digest, pointer: pointer ?? "" },
  }));
}

/** Everything that the JSON of an image shows. */
export function documentFacts(
  image: string,
  ref: ImageRef,
  history: History,
  secrets: Secrets,
): Pick<ImageFacts, "configTokens" | "historyTokens" | "namedSecrets" | "attestationTokens" | "history"> {
  const configTokens: ConfigToken[] = [];
  const historyTokens: HistoryToken[] = [];
  const named: NamedSecret[] = [];
  for (const document of ref.documents) {
    const { json } = document.member;
    for (const { token, confidence, pointer } of json?.hits ?? []) {
      const index = document.what === "config" ? HISTORY_POINTER.exec(pointer ?? "")?.[1] : undefined;
      if (index !== undefined && pointer !== null) {
        const isCommand = pointer.endsWith("/created_by");
        const instruction = isCommand ? (history.entries[Number(index)]?.createdBy ?? null) : null;
        const variable = isCommand ? variableOf(stringAt(json?.value, pointer), token.sha256, secrets) : null;
        const location = historyAt(image, Number(index), pointer, variable);
        historyTokens.push({ token, confidence, instruction, location });
      } else {
        const variable = variableAt(json?.value, pointer ?? "");
        configTokens.push({ token, confidence, location: configAt(image, pointer ?? "", document, variable) });
      }
    }
    if (document.what === "config" || document.what === "v1 JSON")
      named.push(...namedSecrets(image, document, secrets));
  }
  for (const [index, entry] of history.entries.entries()) {
    const hasToken = historyTokens.some(({ location }) => location.index === index);
    for (const { name, isVariable, isSecret } of hasToken ? [] : entry.named) {
      if (!isSecret) continue;
      named.push({
        name,
        instruction: entry.createdBy,
        location: historyAt(image, index, `/history/${index}/created_by`, isVariable ? name : null),
      });
    }
  }
  return {
    configTokens,
    historyTokens,
    namedSecrets: named,
    attestationTokens: ref.attestations.flatMap((member) => attestationTokens(image, member)),
    history,
  };
}
