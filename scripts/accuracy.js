// `npm run accuracy`: what hullcheck reports of content that holds no leak, as the table of docs/accuracy.md. Takes folders
// and files; without any the trees of this machine's Node, Python and Go, this project's packages, and wheels of the ML
// ecosystem that pip downloads into a temporary folder. What is not at hand is said, not left out in silence.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const WHEELS =
  `huggingface_hub hf_xet transformers datasets tokenizers safetensors accelerate peft diffusers evaluate trl
  sentence_transformers gradio gradio_client smolagents timm optimum langchain langchain_core langchain_community
  langchain_huggingface llama_index_core llama_index_llms_huggingface litellm openai anthropic haystack_ai text_generation
  huggingface_sb3 setfit span_marker spacy spacy_huggingface_hub fastai keras keras_hub flair adapters autotrain_advanced
  mlflow_skinny wandb trackio dvc bentoml ray modelscope torchvision torchaudio numpy pandas scipy scikit_learn pyarrow
  matplotlib jupyterlab notebook ipython nbconvert streamlit fastapi uvicorn pydantic requests httpx aiohttp boto3 botocore
  kubernetes docker gitpython dulwich pip setuptools virtualenv poetry_core cryptography`
    .split(/\s+/)
    .filter(Boolean);

/** Runs a program to its end; null when it is not there or fails. */
function output(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 64 * 1_048_576 });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** The report on everything in a folder, or null with a word of why. */
async function inspected(path) {
  const tar = spawn("tar", ["-cf", "-", "-C", dirname(path), basename(path)], { stdio: ["ignore", "pipe", "ignore"] });
  const args = [join(root, "bin/hullcheck.js"), "inspect", "-", "--format", "json"];
  const hullcheck = spawn(process.execPath, args, { stdio: [tar.stdout, "pipe", "ignore"] });
  const parts = [];
  for await (const part of hullcheck.stdout) parts.push(part);
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    return null;
  }
}

function row(cells) {
  console.log(`| ${cells.join(" | ")} |`);
}

function isKnown({ token }) {
  return token !== null && token.known !== null;
}

async function measure(name, path) {
  const report = await inspected(path);
  if (report === null) return row([name, "no report", "", "", "", ""]);
  const coverage = report.subjects.find(({ kind }) => kind === "image")?.coverage;
  const alarms = report.findings.filter((finding) => !isKnown(finding));
  const undecoded = Object.entries(coverage?.undecoded ?? {}).map(([kind, count]) => `${count} ${kind}`);
  const known = report.findings.length - alarms.length;
  const size = ((coverage?.bytes ?? 0) / 1e6).toFixed(0);
  row([name, coverage?.files ?? 0, size, alarms.length, known, undecoded.join(", ") || "none"]);
  for (const { rule, level, locations } of alarms) {
    const [{ path: at, within, pointer }] = locations;
    console.error(
      `accuracy: ${name}: ${level} ${rule} ${[at, ...(within ?? []), pointer].filter(Boolean).join(" > ")}`,
    );
  }
}

row(["content", "files", "MB", "reported", "known public tokens, as notes", "not decoded"]);
row(["---", "---", "---", "---", "---", "---"]);
const given = process.argv.slice(2);
if (given.length > 0) {
  for (const path of given) await measure(basename(path), resolve(process.env.INIT_CWD ?? ".", path));
} else {
  const folder = mkdtempSync(join(tmpdir(), "hullcheck-accuracy-"));
  try {
    const trees = [
      ["Node and npm", join(dirname(realpathSync(output("which", ["npm"]) ?? "/")), "..")],
      ["Python, with its packages", output("python3", ["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"])],
      ["Go", output("go", ["env", "GOROOT"])],
      ["this project's node_modules", join(root, "node_modules")],
    ];
    for (const [name, path] of trees) {
      if (path === null) console.error(`accuracy: ${name} is not on this machine`);
      else await measure(name, realpathSync(path));
    }
    const missing = WHEELS.filter(
      (name) =>
        output("python3", ["-m", "pip", "download", "--no-deps", "-q", "-d", join(folder, "wheels"), name]) === null,
    );
    if (missing.length > 0) console.error(`accuracy: pip could not download ${missing.join(", ")}`);
    if (missing.length < WHEELS.length) {
      await measure(
        `${readdirSync(join(folder, "wheels")).length} packages of the ML ecosystem`,
        join(folder, "wheels"),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
