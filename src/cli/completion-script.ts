/**
 * Writes the shell script that completes commands, options and their values. Pure: what there is to complete is handed
 * in; knows the shells' languages and nothing of hullcheck.
 */

/** An option as a shell completes it. */
export interface CompletedOption {
  /** With its dashes. */
  readonly name: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** What the value can be; empty for anything else, such as files. */
  readonly values: readonly string[];
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments can be; empty for files. */
  readonly values: readonly string[];
}

/** A shell that scripts are written for. */
export type Shell = "bash" | "zsh" | "fish";

/** Every shell. */
export const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** A word for a shell, taken as it stands. */
function posix(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function words(list: readonly string[]): string {
  return posix(list.join(" "));
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.flatMap(({ name, options, values }) => [
    ...options
      .filter((option) => option.takesValue)
      .map((option) => `    ${name}:${option.name}) words=${words(option.values)} ;;`),
    `    ${name}:*) words=${words([...options.map((option) => option.name), ...values])} ;;`,
  ]);
  return `# Completion of hullcheck for bash: source this file, or: source <(hullcheck completion bash)
_hullcheck() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${words([...commands.map(({ name }) => name), "--help", "--version"])}
  else
    case "\${COMP_WORDS[1]}:$before" in
${cases.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _hullcheck hullcheck
`;
}

function zshDescribed(name: string, text: string): string {
  return posix(`${name.replaceAll(":", String.raw`\:`)}:${text}`);
}

function zshSpec(option: CompletedOption): string {
  const text = option.description.replaceAll(/[[\]\\:]/g, String.raw`\$&`);
  const value = option.values.length === 0 ? "_files" : `(${option.values.join(" ")})`;
  return posix(`*${option.name}[${text}]${option.takesValue ? `:value:${value}` : ""}`);
}

function zsh(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options, values }) => {
    const rest = posix(values.length === 0 ? "*:file:_files" : `*:value:(${values.join(" ")})`);
    const specs = [...options.map((option) => zshSpec(option)), rest];
    return `    ${name})\n      _arguments -s \\\n        ${specs.join(" \\\n        ")}\n      ;;`;
  });
  return `#compdef hullcheck
# Completion of hullcheck for zsh: put this file as _hullcheck into a folder of $fpath, or: source <(hullcheck completion zsh)
_hullcheck() {
  local -a commands
  if (( CURRENT == 2 )); then
    commands=(
${commands.map(({ name, summary }) => `      ${zshDescribed(name, summary)}`).join("\n")}
    )
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
if [ "\${funcstack[1]}" = _hullcheck ]; then _hullcheck "$@"; else compdef _hullcheck hullcheck; fi
`;
}

/** A word for fish, which unlike the others takes backslashes in quotes for escapes. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options, values }) => {
    const isCommand = fishQuoted(`__fish_seen_subcommand_from ${name}`);
    return [
      `complete -c hullcheck -n __fish_use_subcommand -f -a ${fishQuoted(name)} -d ${fishQuoted(summary)}`,
      ...options.map((option) => {
        const value =
          option.values.length > 0 ? ` -x -a ${fishQuoted(option.values.join(" "))}` : option.takesValue ? " -r" : "";
        return `complete -c hullcheck -n ${isCommand} -l ${option.name.slice(2)} -d ${fishQuoted(option.description)}${value}`;
      }),
      ...(values.length === 0 ? [] : [`complete -c hullcheck -n ${isCommand} -f -a ${fishQuoted(values.join(" "))}`]),
    ];
  });
  return `# Completion of hullcheck for fish: put this file into ~/.config/fish/completions, or: hullcheck completion fish | source
${lines.join("\n")}
`;
}

const WRITERS: Readonly<Record<Shell, (commands: readonly CompletedCommand[]) => string>> = { bash, zsh, fish };

/** The script for a shell. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  return WRITERS[shell](commands);
}
