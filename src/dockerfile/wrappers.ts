/**
 * Which program a command line really starts: peels `sudo -E`, `env A=b`, `uv run --extra x`, `timeout 5` and their like
 * off the front. Data and one loop; runs nothing.
 */

import { wordAfter, type ShellAssignment, type ShellWord } from "./shell-word.ts";

interface Wrapper {
  /** Words that must follow the name: `run` in `poetry run`. */
  readonly subcommand?: readonly string[];
  /** Options that take the next word as their value. */
  readonly valueOptions: ReadonlySet<string>;
  /** Operands before the wrapped command: `timeout 5`, `gosu user`. */
  readonly operands: number;
  /** `A=b` before the wrapped command sets a variable. */
  readonly takesAssignments?: boolean;
  /** `-m MODULE` stands for `python -m MODULE`, and is left as the first words of the command. */
  readonly takesModule?: boolean;
}

function wrapper(valueOptions: string = "", operands: number = 0, subcommand: readonly string[] = []): Wrapper {
  return { subcommand, valueOptions: new Set(valueOptions.split(" ")), operands };
}

const UV_RUN =
  "--extra --group --only-group --no-group --with --with-editable --with-requirements --env-file -p --python --package --directory --project --index --index-url --extra-index-url --find-links --config-file --cache-dir --link-mode --refresh-package --python-platform -w -i -f -C";

const WRAPPERS: ReadonlyMap<string, readonly Wrapper[]> = new Map([
  ["sudo", [{ ...wrapper("-u --user -g --group -h --host -p --prompt -C -D -r -t -T -U"), takesAssignments: true }]],
  ["doas", [wrapper("-u -C")]],
  ["env", [{ ...wrapper("-u --unset -C --chdir -S --split-string"), takesAssignments: true }]],
  ["exec", [wrapper("-a")]],
  ["command", [wrapper()]],
  ["builtin", [wrapper()]],
  ["time", [wrapper("-f --format -o --output")]],
  ["nice", [wrapper("-n --adjustment")]],
  ["ionice", [wrapper("-c -n -p")]],
  ["nohup", [wrapper()]],
  ["setsid", [wrapper()]],
  ["timeout", [wrapper("-k --kill-after -s --signal", 1)]],
  ["stdbuf", [wrapper("-i -o -e --input --output --error")]],
  ["unbuffer", [wrapper()]],
  ["flock", [wrapper("-w --wait --timeout -E --conflict-exit-code", 1)]],
  ["chronic", [wrapper()]],
  ["xargs", [wrapper("-I -n -P -L -d -a -E -s --max-args --max-procs --delimiter --arg-file")]],
  ["gosu", [wrapper("", 1)]],
  ["su-exec", [wrapper("", 1)]],
  ["runuser", [wrapper("-u --user -g -G")]],
  ["setpriv", [wrapper("--reuid --regid --groups")]],
  ["chroot", [wrapper("--userspec --groups", 1)]],
  ["tini", [wrapper("-p -e")]],
  ["dumb-init", [wrapper("-r")]],
  ["busybox", [wrapper()]],
  ["uv", [{ ...wrapper(UV_RUN, 0, ["run"]), takesModule: true }, wrapper(`${UV_RUN} --from`, 0, ["tool", "run"])]],
  ["uvx", [wrapper(`${UV_RUN} --from`)]],
  ["pipx", [wrapper("--spec --python --pip-args --index-url", 0, ["run"])]],
  ["poetry", [wrapper("-C --directory -P --project", 0, ["run"])]],
  ["pdm", [wrapper("-p --project", 0, ["run"])]],
  ["hatch", [wrapper("-e --env", 0, ["run"])]],
  ["rye", [wrapper("", 0, ["run"])]],
  ["pipenv", [wrapper("", 0, ["run"])]],
  ["conda", [wrapper("-n --name -p --prefix --cwd", 0, ["run"])]],
  ["mamba", [wrapper("-n --name -p --prefix --cwd", 0, ["run"])]],
  ["micromamba", [wrapper("-n --name -p --prefix --cwd -r --root-prefix -e", 0, ["run"])]],
  ["pixi", [wrapper("-e --environment --manifest-path", 0, ["run"])]],
]);

const MAX_LAYERS = 16;

/** The last part of a path: `hf` of `/opt/venv/bin/hf`. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A command line without its wrappers. */
export interface Peeled {
  /** The program's word and its arguments; the wrapper itself where it wraps nothing. */
  readonly words: readonly ShellWord[];
  /** Variables that a wrapper sets for it. */
  readonly assignments: readonly ShellAssignment[];
}

function assignmentIn(word: ShellWord): ShellAssignment | null {
  const [first] = word.pieces;
  const name = first?.kind === "text" ? /^([A-Za-z_]\w*)=/.exec(first.text)?.[1] : undefined;
  if (name === undefined) return null;
  const value = wordAfter(word, name.length + 1);
  return { name, value, elements: null, isAdded: false, isLoop: false, start: word.start, end: word.end };
}

/** How many words of a command line belong to the wrapper in front; 0 when there is none. */
function wrapperLength(words: readonly ShellWord[], found: ShellAssignment[]): number {
  const name = words[0]?.value;
  if (name === null || name === undefined) return 0;
  // `runuser -l app -c CODE` starts a shell, as su does.
  if (basename(name) === "runuser" && words.some(({ value }) => value === "-c" || value === "--command")) return 0;
  for (const known of WRAPPERS.get(basename(name)) ?? []) {
    let at = 1;
    let operands = known.operands;
    let expected = [...(known.subcommand ?? [])];
    for (; at < words.length; at++) {
      const word = words[at];
      const value = word?.value ?? null;
      if (value === "--") {
        if (expected.length === 0 && operands === 0) return at + 1;
      } else if (known.takesModule === true && expected.length === 0 && /^(?:-m|--module)$/.test(value ?? "")) {
        return at;
      } else if (value !== null && value.startsWith("-") && value !== "-") {
        if (known.valueOptions.has(value)) at++;
      } else if (expected.length > 0) {
        if (value !== expected[0]) break;
        expected = expected.slice(1);
      } else if (operands > 0) {
        operands--;
      } else {
        const assignment = known.takesAssignments === true && word !== undefined ? assignmentIn(word) : null;
        if (assignment === null) return at;
        found.push(assignment);
      }
    }
    if (expected.length === 0 && operands === 0) return at;
  }
  return 0;
}

/** Takes every wrapper off the front of a command line. */
export function peel(words: readonly ShellWord[]): Peeled {
  const assignments: ShellAssignment[] = [];
  let rest = words;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const length = wrapperLength(rest, assignments);
    // A wrapper that wraps nothing is a program like any other: `env` prints all variables.
    if (length === 0 || length >= rest.length) break;
    rest = rest.slice(length);
  }
  return { words: rest, assignments };
}
