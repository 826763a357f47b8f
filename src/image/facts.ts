/** What the engine has read of an image, ready for rules: tokens at places, files, named values. Holds no raw token. */

import type { TokenFacts } from "../model/finding.ts";
import type { Confidence } from "../model/level.ts";
import type {
  ArchiveLocation,
  AttestationLocation,
  ConfigLocation,
  HistoryLocation,
  LayerLocation,
} from "../model/location.ts";
import type { Store } from "./credential-store.ts";
import type { TokenPlace } from "./hf-home.ts";
import type { History } from "./history.ts";

interface Sighting {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
}

/** A token in the content of a file of a layer. */
export interface LayerToken extends Sighting {
  readonly location: LayerLocation;
  /** What the file is for Hugging Face clients; null for any other file. */
  readonly place: TokenPlace | null;
  /** The credential store that the file is; null for any other file. */
  readonly store: Store | null;
}

/** A token file with content, whatever the content. */
export interface TokenFile {
  readonly location: LayerLocation;
  readonly place: TokenPlace;
}

/** An entry of a credential store for a Hugging Face host; its secret has no token's shape, or was not told apart. */
export interface StoredCredential {
  readonly location: LayerLocation;
  readonly store: Store;
  readonly host: string;
}

/** A token in the config, a manifest or a v1 JSON. */
export interface ConfigToken extends Sighting {
  readonly location: ConfigLocation;
}

/** A token in the history. */
export interface HistoryToken extends Sighting {
  readonly location: HistoryLocation;
  /** The masked instruction; null for a token in another field. */
  readonly instruction: string | null;
}

/** A variable that by its name holds a token, with a value of no known shape. */
export interface NamedSecret {
  readonly name: string;
  readonly location: ConfigLocation | HistoryLocation;
  /** The masked instruction; null in the config. */
  readonly instruction: string | null;
}

/** A token in a provenance or SBOM statement. */
export interface AttestationToken extends Sighting {
  readonly location: AttestationLocation;
}

/** A token in the archive itself, or in a name, link or attribute of an entry. */
export interface ArchiveToken extends Sighting {
  readonly location: ArchiveLocation | LayerLocation;
  /** What it stands in, as the end of a sentence: `a file name`, `a blob that no image uses`. */
  readonly what: string;
}

/** Everything about one image; for an archive's leftovers, the archive under its own name. */
export interface ImageFacts {
  readonly image: string;
  readonly layerTokens: readonly LayerToken[];
  readonly tokenFiles: readonly TokenFile[];
  readonly credentials: readonly StoredCredential[];
  readonly configTokens: readonly ConfigToken[];
  readonly historyTokens: readonly HistoryToken[];
  readonly namedSecrets: readonly NamedSecret[];
  readonly attestationTokens: readonly AttestationToken[];
  readonly archiveTokens: readonly ArchiveToken[];
  /** Absent without a config to read it from. */
  readonly history?: History;
}
