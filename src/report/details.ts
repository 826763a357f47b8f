/** What a finding tells beside its message, as labelled rows: the text, Markdown and HTML formats show the same ones. */

import type { Finding, Verification } from "../model/finding.ts";
import type { LayerLocation, Location } from "../model/location.ts";
import { pathWithin, shortDigest } from "./place.ts";

/** One row. The text is as it came, not escaped for any target, and may have several lines. */
export interface Detail {
  readonly label: string;
  readonly text: string;
}

/** What a layer tells beside image, number and path. */
function layerDetails(location: LayerLocation): Detail[] {
  // Old archives call a layer by the name of a file, which says less than the digest that an engine shows.
  const digest = location.digest?.includes(":") === true ? location.digest : (location.diffId ?? location.digest);
  const short = digest === null ? "" : ` (${shortDigest(digest)})`;
  const at = [
    ...(location.line === null ? [] : [`line ${location.line}`]),
    ...(location.byteOffset === null ? [] : [`byte ${location.byteOffset}`]),
  ];
  const rows: Detail[] = [
    { label: "layer", text: `${location.layer}${short} of ${location.image}` },
    { label: "path", text: pathWithin(location.path, location.within) },
  ];
  if (at.length > 0) rows.push({ label: "at", text: at.join(", ") });
  if (location.createdBy !== null) rows.push({ label: "made by", text: location.createdBy });
  if (location.hidden !== null) {
    const { byLayer, how, createdBy } = location.hidden;
    const by = createdBy === null ? "" : `: ${createdBy}`;
    rows.push({ label: "hidden", text: `by layer ${byLayer} (${how}), and still shipped${by}` });
  }
  return rows;
}

/** What a place tells that its one-line form does not; nothing for one that is drawn as a frame. */
export function placeDetails(location: Location): readonly Detail[] {
  if (location.in === "layer") return layerDetails(location);
  if (location.in === "history") return [{ label: "at", text: location.pointer }];
  if (location.in === "archive" && location.byteOffset !== null) {
    return [{ label: "at", text: `byte ${location.byteOffset}` }];
  }
  return [];
}

/** What Hugging Face said of the token. */
function verificationDetails(verification: Verification): Detail[] {
  const { state, reason, role, name, scopes, organizations, advice, revoke } = verification;
  const parts = [
    state,
    ...(role === null ? [] : [`role ${role}`]),
    ...(name === null ? [] : [`named ${name}`]),
    ...(reason === null ? [] : [reason]),
  ];
  const members = organizations.map((member) =>
    member.role === null ? member.name : `${member.name} (${member.role})`,
  );
  const rows: Detail[] = [{ label: "checked", text: parts.join(", ") }];
  if (scopes.length > 0) rows.push({ label: "scopes", text: scopes.join(", ") });
  if (members.length > 0) rows.push({ label: "orgs", text: members.join(", ") });
  if (advice !== null) rows.push({ label: "advice", text: advice });
  if (revoke !== null) rows.push({ label: "revoke", text: revoke });
  return rows;
}

/** What is known of the token, how sure the finding is when it is not, and the fix. */
export function findingDetails({ token, confidence, fix }: Finding): readonly Detail[] {
  const rows: Detail[] = [];
  if (token !== null) {
    const wrapped = token.encoding.length === 0 ? "" : `, in ${token.encoding.join(" in ")}`;
    rows.push({ label: "token", text: `${token.preview} (${token.family}${wrapped})` });
    rows.push({ label: "sha256", text: token.sha256 });
    if (token.known !== null) rows.push({ label: "known", text: token.known });
    if (token.verification !== null) rows.push(...verificationDetails(token.verification));
  }
  if (confidence !== "high") rows.push({ label: "sure", text: `${confidence} confidence` });
  if (fix !== null) rows.push({ label: "fix", text: fix });
  return rows;
}
