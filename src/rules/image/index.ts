/** All image rules, the most specific first: of two findings on one token and place the earlier rule's stays. */

import type { ImageRule } from "../../image/rule.ts";
import { credentialStoreInLayer } from "./credential-store-in-layer.ts";
import { tokenFileInLayer } from "./token-file-in-layer.ts";
import { tokenInArchive } from "./token-in-archive.ts";
import { tokenInAttestation } from "./token-in-attestation.ts";
import { tokenInHistory } from "./token-in-history.ts";
import { tokenInImageConfig } from "./token-in-image-config.ts";
import { tokenInLayer } from "./token-in-layer.ts";

/** One line per rule. */
export const IMAGE_RULES: readonly ImageRule[] = [
  tokenFileInLayer,
  credentialStoreInLayer,
  tokenInLayer,
  tokenInImageConfig,
  tokenInHistory,
  tokenInAttestation,
  tokenInArchive,
];
