import { describe, expect, it } from "vitest";
import { startedBy, type Invocation, type Started } from "../../src/dockerfile/invocation.ts";
import type { MappedText } from "../../src/dockerfile/mapped-text.ts";
import { outline } from "../../src/dockerfile/shell-word.ts";

function read(text: string): Started {
  const script: MappedText = { text, segments: [{ at: 0, src: 0, length: text.length, srcLength: text.length }] };
  return startedBy(script);
}

function started(text: string): readonly Invocation[] {
  return read(text).invocations;
}

function lineOf({ program, args }: Invocation): string {
  return [program, ...args.map((word) => outline(word).replaceAll("\0", "$"))].join(" ");
}

/** A command in so many shells. */
function nest(depth: number): string {
  let text = "hf";
  for (let i = 0; i < depth; i++) text = `bash -c '${text.replaceAll("'", `'"'"'`)}'`;
  return text;
}

describe("startedBy", () => {
  it.each([
    "sudo -E -u app hf auth login",
    "sudo -- hf auth login",
    "sudo HF_HOME=/x -E hf auth login",
    "doas -u app hf auth login",
    "env A=b C= hf auth login",
    "env -u A -i PATH=/bin hf auth login",
    "exec -a x hf auth login",
    "command hf auth login",
    "/usr/bin/time -f %e hf auth login",
    "runuser -u app -- hf auth login",
    "nice -n 5 hf auth login",
    "nohup hf auth login",
    "timeout -k 5 60s hf auth login",
    "timeout --signal=KILL 60 hf auth login",
    "stdbuf -oL hf auth login",
    "xargs -n 1 hf auth login",
    "gosu app hf auth login",
    "su-exec app:app hf auth login",
    "chroot /mnt hf auth login",
    "tini -s -- hf auth login",
    "dumb-init hf auth login",
    "uv run hf auth login",
    "uv run --extra a --with=b --no-sync -- hf auth login",
    "uv --quiet run --group dev hf auth login",
    "uv tool run --from huggingface_hub hf auth login",
    "uvx --from 'huggingface_hub[cli]' hf auth login",
    "pipx run --spec huggingface_hub hf auth login",
    "poetry -C /x run hf auth login",
    "pdm run hf auth login",
    "hatch -e dev run hf auth login",
    "rye run hf auth login",
    "pipenv run hf auth login",
    "conda run -n base --no-capture-output hf auth login",
    "mamba run -p /opt/x hf auth login",
    "micromamba run -n base hf auth login",
    "pixi run -e gpu hf auth login",
    "/usr/bin/sudo /usr/bin/env /opt/venv/bin/hf auth login",
    "sudo -E env A=b timeout 5 nice uv run hf auth login",
    '"$VENV/bin/hf" auth login',
    "A=b hf auth login",
  ])("peels %j", (text) => {
    const [invocation] = started(text);
    expect(invocation && lineOf(invocation)).toBe("hf auth login");
    expect([invocation?.start, invocation?.end]).toEqual([text.startsWith("A=b") ? 4 : 0, text.length]);
  });

  it.each([
    ["sudo -u hf whoami", "whoami"],
    ["poetry install hf", "poetry install hf"],
    ["uv pip install hf", "uv pip install hf"],
    ["conda install -n base run hf", "conda install -n base run hf"],
    ["timeout 5", "timeout 5"],
    ["env", "env"],
    ["which hf", "which hf"],
  ])("leaves %j alone where it is no wrapper", (text, line) => {
    expect(started(text).map(lineOf)).toEqual([line]);
  });

  it("keeps what a wrapper sets", () => {
    const [invocation] = started('A=1 sudo B=2 env C="$T" hf download');
    expect(invocation?.assignments.map(({ name, value }) => [name, value.value])).toEqual([
      ["A", "1"],
      ["B", "2"],
      ["C", null],
    ]);
  });

  it.each([
    "bash -c 'hf auth login'",
    'sh -exc "hf auth login"',
    "bash -o pipefail -c 'hf auth login'",
    "bash -e -u -c 'hf auth login'",
    "bash --norc -lc 'hf auth login'",
    "bash -c \"sh -c 'hf auth login'\"",
    "eval hf auth login",
    'eval "hf auth login"',
    "trap 'hf auth login' EXIT",
    "su app -c 'hf auth login'",
    "su - app -c 'hf auth login'",
    "sudo bash -c 'hf auth login'",
    "echo 'hf auth login' | sh",
    "echo 'hf auth login' | bash -es",
    "printf 'set -e\\nhf auth login\\n' | sudo sh",
    "bash <<< 'hf auth login'",
    "bash <<'EOF'\nhf auth login\nEOF\n",
    "cat <<'EOF' | bash -s\nhf auth login\nEOF\n",
    "busybox sh -c 'hf auth login'",
    "poetry run bash -c 'hf auth login'",
    "x=$(hf auth login)",
    "echo `hf auth login`",
    '[ -n "$(hf auth login)" ] && true',
  ])("looks into %j", (text) => {
    const invocation = started(text).find(({ program }) => program === "hf");
    expect(invocation && lineOf(invocation)).toBe("hf auth login");
    expect(text.slice(invocation?.start, invocation?.end)).toBe("hf auth login");
  });

  it.each([
    "echo hf auth login",
    "echo 'hf auth login' > x.sh",
    "cat <<EOF > x.sh\nhf auth login\nEOF\n",
    "echo 'hf auth login' | tee x.sh",
    "bash x.sh <<EOF\nhf auth login\nEOF\n",
    "bash --version <<< 'hf auth login'",
    "python -c 'print(1)' <<< 'hf auth login'",
    "grep -c 'hf auth login' x",
    "bash -c 'echo \"hf auth login\"'",
    "alias x='hf auth login'",
  ])("starts nothing of the text in %j", (text) => {
    expect(started(text).some(({ program }) => program === "hf")).toBe(false);
  });

  it("maps the places in nested scripts back through escapes", () => {
    const text = 'bash -c "echo \\"a\\"; sh -c \'hf auth login \\"\\$T\\"\' && true"';
    const invocation = started(text).find(({ program }) => program === "hf");
    expect(text.slice(invocation?.start, invocation?.end)).toBe('hf auth login \\"\\$T\\"');
  });

  it.each([
    ["python -c 'import x'", "import x"],
    ["python3.11 -u -W ignore -c 'import x'", "import x"],
    ["uv run python -c 'import x'", "import x"],
    ["python <<'EOF'\nimport x\nEOF\n", "import x\n"],
    ["python3 - <<'EOF'\nimport x\nEOF\n", "import x\n"],
    ["echo 'import x' | python", "import x"],
  ])("takes the Python code of %j", (text, code) => {
    expect(started(text).flatMap((invocation) => invocation.code?.text.text ?? [])).toEqual([code]);
  });

  it.each(["python x.py <<EOF\nimport x\nEOF\n", "python -m x", "python --version", "cat <<EOF\nimport x\nEOF\n"])(
    "takes no Python code from %j",
    (text) => {
      expect(started(text).every((invocation) => invocation.code === null)).toBe(true);
    },
  );

  it("knows the shell that reads each command", () => {
    const shells = started("a; bash -c 'b; eval c'; sudo zsh -c d").map(({ program, shell }) => `${program}:${shell}`);
    expect(shells).toEqual(["a:sh", "bash:sh", "b:bash", "eval:bash", "c:bash", "zsh:sh", "d:zsh"]);
  });

  it("goes four shells deep and says when there are more", () => {
    const { invocations, problems } = read(nest(4));
    expect(invocations.map(({ program }) => program)).toEqual(["bash", "bash", "bash", "bash", "hf"]);
    expect(problems).toEqual([]);
    expect(read(nest(5)).problems).toHaveLength(1);
  });
});
