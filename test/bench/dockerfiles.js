// Dockerfiles for the benchmark: different from each other and like those that people write for model servers. The same
// numbers give the same files.

const BASES = [
  "python:3.12-slim",
  "nvidia/cuda:12.4.1-runtime-ubuntu22.04",
  "pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime",
];
const PACKAGES = ["curl", "git", "git-lfs", "build-essential", "ca-certificates", "libgl1", "ffmpeg", "tini", "unzip"];
const MODELS = ["acme/ranker", "acme/embedder-large", "acme/llm-7b-instruct", "acme/whisper-medium"];
const NAMES = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "MODEL_KEY", "BUILD_REVISION"];

/** A small generator of numbers (mulberry32). @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @template T @param {() => number} next @param {readonly T[]} items @returns {T} */
function pick(next, items) {
  return items[Math.floor(next() * items.length)] ?? items[0];
}

/** @param {() => number} next @param {number} i */
function dockerfile(next, i) {
  const name = pick(next, NAMES);
  const model = pick(next, MODELS);
  const packages = PACKAGES.filter(() => next() < 0.5).map((item) => `      ${item} \\`);
  const fetching = [
    `RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download ${model} --local-dir /models/${i}`,
    `ARG ${name}\nRUN huggingface-cli login --token "$${name}" && huggingface-cli download ${model}`,
    `ARG ${name}\nENV WORKER_${i}=\${${name}:-none}\nRUN python fetch.py --model ${model}`,
    `RUN <<EOF\nset -e\npython - <<PY\nfrom huggingface_hub import snapshot_download\nsnapshot_download("${model}")\nPY\nEOF`,
  ];
  return [
    "# syntax=docker/dockerfile:1",
    "",
    `# Service ${i}: serves ${model}.`,
    `FROM ${pick(next, BASES)} AS build`,
    "ENV DEBIAN_FRONTEND=noninteractive \\",
    "    PIP_NO_CACHE_DIR=1",
    "RUN apt-get update \\",
    "  && apt-get install -y --no-install-recommends \\",
    ...packages,
    "      python3-pip \\",
    "  && rm -rf /var/lib/apt/lists/*",
    `WORKDIR /srv/app-${i}`,
    "COPY requirements.txt pyproject.toml ./",
    "RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt \\",
    `    && python -c "import torch; print(torch.__version__)" # build ${i}`,
    pick(next, fetching),
    "",
    `FROM ${pick(next, BASES)}`,
    `LABEL org.opencontainers.image.title="app-${i}" org.opencontainers.image.version=1.${i}`,
    "COPY --from=build /srv /srv",
    next() < 0.3 ? "COPY . ." : `COPY --chown=1000:1000 src/ /srv/app-${i}/src/`,
    `RUN groupadd -r app && useradd -r -g app app && chown -R app /srv`,
    "USER app",
    `EXPOSE ${8000 + i}`,
    `HEALTHCHECK --interval=30s CMD curl -fsS http://localhost:${8000 + i}/health || exit 1`,
    `ENTRYPOINT ["python", "-m", "app_${i}"]`,
    `CMD ["--model", "/models/${i}", "--port", "${8000 + i}"]`,
    "",
  ].join("\n");
}

/** @param {number} count @returns {{ path: string, text: string }[]} */
export function manyDockerfiles(count) {
  return Array.from({ length: count }, (_, i) => ({
    path: `service-${i}/Dockerfile`,
    text: dockerfile(numbers(i + 1), i),
  }));
}

/** One file with about so many instructions, with variables that travel. @param {number} instructions */
export function longDockerfile(instructions) {
  const lines = ["FROM python:3.12-slim", "ARG HF_TOKEN"];
  for (let i = 0; lines.length < instructions; i++) {
    lines.push(`ENV STEP_${i}=value-${i}`);
    lines.push(`RUN echo "$STEP_${i}" && python -c "print(${i})" | tee /tmp/log-${i}`);
    if (i % 100 === 0) lines.push(`ENV WORKER_${i}=$HF_TOKEN`);
  }
  return `${lines.join("\n")}\n`;
}
