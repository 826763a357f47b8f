/**
 * Finds the Dockerfiles that text names on the command line of a build (`docker build -f NAME`), without reading it as a
 * shell does: tells which scripts are worth reading, and what stands in those that no shell here reads. Pure.
 */

/** A line that goes on: shells, PowerShell, cmd. */
const CONTINUED = /[\\`^]\r?\n|(?<=\|)[ \t]*\r?\n/g;
/** A builder of images, a variable in front of `build` that may be one, or the words that a builder is given. */
const TOOL =
  /\b(?:docker|podman|nerdctl|finch|img|depot|minikube|buildah|buildx|acr)\b|\$[\w({][\w.]*[)}]?["']?[ \t]+(?:(?:image|builder|buildx)[ \t]+)?(?:build|bud)(?=\s)|^\s*build(?=\s)/;
const BUILD_WORD = /(?:^|[\s"'])(?:build|b|bud|build-using-dockerfile)(?=\s)/;
const FILE_OPTION = /\s(?:-q?f|--file(?=[\s=]|$))/;
/** No program but a builder of images has an option of this name (kaniko, and deployers). */
const OWN_OPTION = /(?:^|[\s"'])--dockerfile(?=[\s=]|$)/;
const BUILDER =
  /\b(?:docker|podman|nerdctl|buildah)(?:\.exe)?[ \t]+(?:(?:image|buildx|builder)[ \t]+)?(?:build|bud|build-using-dockerfile)(?=\s)|^\s*(?:buildx[ \t]+)?build(?=\s)/;
const FILE_VALUE = /\s(?:-f|--file)(?:=|[ \t]+)(["']?)([^\s"'`$;|&]+)\1(?=\s|$)/g;
const OWN_VALUE = /(?:^|\s)--dockerfile(?:=|[ \t]+)(["']?)([^\s"'`$;|&]+)\1(?=\s|$)/g;
/** A Dockerfile, or a whole context, from standard input. */
const STDIN_OPTION = /\s-(?=[\s<;&|)"'`]|$)/;
const STDIN_SOURCE = /<(?![(&])|\b(?:cat|type|gc|Get-Content|echo|printf)\s[^|]{0,500}\|/i;
const FROM_STDIN = /\s(?:-f[ =]?|--file[ =])?-(?=[\s<;&|)"'`]|$)/;
const STDIN_VALUE = /(?<!<)<[ \t]*(["']?)([^\s"'`$;|&<(]+)\1(?=[\s;|&)"'`]|$)/;
const PIPED_VALUE =
  /\b(?:cat|type|gc|Get-Content)[ \t]+(?:-Raw[ \t]+)?(["']?)([^\s"'`$;|&<]+)\1(?:[ \t]+-Raw)?[ \t]*\|[^|]*$/i;
const ARCHIVE = /\.(?:tar(?:\.\w+)?|t[gbx]z2?|gz|bz2|xz|zst|zip)$/;
/** What `--set` of bake changes of a target; other programs have such an option, too. */
const BAKE = /\b(?:bake|buildx f)\b/;
const SETTING = /\s--set(?:=|[ \t]+)["']?[^\s=.]{1,200}\.dockerfile=/;
const SETTING_VALUE = /\s--set(?:=|[ \t]+)(["']?)([\w*?-]{1,200}\.(?:dockerfile|context)=[^\s"'`$;|&]+)\1(?=\s|$)/g;
const COMMENT = /^\s*(?:#|\/\/|REM\s|::)/i;

function linesOf(text: string): string[] {
  return text
    .replaceAll(CONTINUED, " ")
    .split("\n")
    .filter((line) => line.includes("-") && !COMMENT.test(line));
}

/** True for the name of an archive: `docker build -` takes a whole context as well as a Dockerfile. */
export function isArchive(path: string): boolean {
  return ARCHIVE.test(path);
}

function behind(line: string, pattern: RegExp): string {
  const at = line.search(pattern);
  return at === -1 ? "" : line.slice(at);
}

/** True for a script that may build by a Dockerfile that it names; of any other it does not matter what a shell makes of it. */
export function namesDockerfile(text: string): boolean {
  if ([FILE_OPTION, OWN_OPTION, STDIN_OPTION, SETTING].every((pattern) => !pattern.test(text))) return false;
  return linesOf(text).some((line) => {
    const words = behind(behind(line, TOOL), BUILD_WORD);
    return (
      OWN_OPTION.test(line) ||
      (SETTING.test(line) && BAKE.test(line)) ||
      FILE_OPTION.test(words) ||
      (STDIN_OPTION.test(words) && STDIN_SOURCE.test(line))
    );
  });
}

/** The file that a build in a line reads as its Dockerfile; null when there is none. */
function stdinIn(line: string): string | null {
  const at = line.search(BUILDER);
  const words = at === -1 ? "" : line.slice(at);
  if (!FROM_STDIN.test(words)) return null;
  return (STDIN_VALUE.exec(words) ?? PIPED_VALUE.exec(line.slice(0, at)))?.[2] ?? null;
}

/** The Dockerfiles that the builds in a text name, as written; those with a variable in their name are left out. */
export function dockerfilesInText(text: string): string[] {
  return linesOf(text).flatMap((line) => {
    const words = behind(line, BUILDER);
    const named = [...words.matchAll(FILE_VALUE), ...line.matchAll(OWN_VALUE)].flatMap(([, , name = ""]) =>
      name.startsWith("-") ? [] : [name],
    );
    const piped = stdinIn(line);
    return piped === null || isArchive(piped) ? named : [...named, piped];
  });
}

/** The settings that each `bake` in a text is given for Dockerfiles and contexts, as written. */
export function settingsInText(text: string): string[][] {
  if (!SETTING.test(text)) return [];
  return linesOf(text).map((line) =>
    [...behind(line, BAKE).matchAll(SETTING_VALUE)].map(([, , setting = ""]) => setting),
  );
}
