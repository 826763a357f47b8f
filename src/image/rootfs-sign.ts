/**
 * Tells early whether a tar is a root filesystem, by the names of its first members, so that hundreds of thousands of
 * files need not be read as if each could be a layer. In doubt it says no.
 */

import { hashPath } from "./path-hash.ts";

/** Folders at the top of a root filesystem (FHS 3.0, chapter 3, and what Docker and Windows add); no writer of images has them. */
const TOPS: ReadonlySet<string> = new Set(
  "bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var Files .dockerenv".split(
    " ",
  ),
);

/** What stands at the top of an image archive, whoever wrote it, or begins the names of its blobs. */
const IMAGE_NAME =
  /^(?:manifest\.json|index\.json|oci-layout|repositories|version|blobs(?:\/|$)|(?:sha256:)?[0-9a-f]{64})/;

/** The files without which no engine takes a tar for an image. */
export const IMAGE_FILE_NAMES: readonly string[] = ["manifest.json", "index.json", "oci-layout"];

/** The same, as numbers of their paths. */
export const IMAGE_FILES: ReadonlySet<number> = new Set(IMAGE_FILE_NAMES.map((name) => hashPath(`/${name}`)));

/** Members after which a tar that shows no sign of an image is none: images have some hundreds of them. */
const MANY_MEMBERS = 5000;

/** What is made of the names so far. */
export interface RootfsSign {
  /** A member of this name was met. */
  readonly see: (name: string) => void;
  /** True when the tar is a root filesystem as far as one can tell; what nothing was seen of is none. */
  readonly isRootfs: () => boolean;
}

/** A sign that has seen nothing. */
export function createRootfsSign(): RootfsSign {
  let members = 0;
  let hasTop = false;
  let isImage = false;
  return {
    see: (name) => {
      members++;
      if (IMAGE_NAME.test(name)) isImage = true;
      else if (TOPS.has(name.split("/", 1)[0] ?? "")) hasTop = true;
    },
    isRootfs: () => !isImage && (hasTop || members > MANY_MEMBERS),
  };
}
