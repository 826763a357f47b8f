/** What a scan of a stream is told beside its bytes. */

import type { Secrets } from "../../token/secrets.ts";
import type { Limits } from "../limits.ts";
import type { NestedOpener } from "./tap.ts";

/** What to search with, how far to go, and whom to tell. */
export interface ScanOptions {
  readonly limits: Limits;
  readonly secrets: Secrets;
  /** Compute digests and diffIDs. */
  readonly hash: boolean;
  /** Looks into archives that are files of a layer; see `tap.ts`. Nothing is opened without. */
  readonly nested?: NestedOpener;
  /** Length of the stream, where it is known before. */
  readonly size?: number;
  /** Paths, as `hashPath` numbers them: the scan ends before the first entry with one, and its reader goes on there. */
  readonly stopAt?: ReadonlySet<number>;
  /** Called now and then with the bytes read since the last call. */
  readonly progress: (bytes: number) => void;
  /** True once the user has had enough: what is left becomes a gap. */
  readonly isStopped: () => boolean;
}
