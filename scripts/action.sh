#!/usr/bin/env bash
# What the GitHub Action runs: turns its inputs (INPUT_*, see action.yml) into one call of hullcheck, which writes
# annotations to the log and a summary of the job. Ends with hullcheck's exit code.
set -euo pipefail

arguments=()

# Adds an option for each line of a text, without the blanks around it; empty lines are none.
add_lines() {
  local option=$1 line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [ -n "$line" ]; then
      if [ -n "$option" ]; then arguments+=("$option=$line"); else arguments+=("$line"); fi
    fi
  done <<<"$2"
}

if [ -n "${INPUT_IMAGES//[[:space:]]/}" ]; then
  arguments+=(gate)
  add_lines --image "$INPUT_IMAGES"
else
  arguments+=(lint)
fi
arguments+=(--format=github)
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then arguments+=("--format=markdown=$GITHUB_STEP_SUMMARY"); fi
if [ -n "$INPUT_SARIF" ]; then arguments+=("--format=sarif=$INPUT_SARIF"); fi
add_lines --format "$INPUT_FORMATS"
if [ -n "$INPUT_FAIL_ON" ]; then arguments+=("--fail-on=$INPUT_FAIL_ON"); fi
if [ -n "$INPUT_CONFIG" ]; then arguments+=("--config=$INPUT_CONFIG"); fi
if [ -n "$INPUT_BASELINE" ]; then arguments+=("--baseline=$INPUT_BASELINE"); fi
arguments+=(--)
add_lines "" "$INPUT_PATHS"

exit_code=0
npx --yes "hullcheck@$INPUT_VERSION" "${arguments[@]}" || exit_code=$?
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=$exit_code" >>"$GITHUB_OUTPUT"; fi
exit "$exit_code"
