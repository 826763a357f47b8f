/** What runs in a thread of its own: reads the members that it is sent, one by one. Prints nothing. */

import { parentPort, workerData } from "node:worker_threads";
import { Secrets } from "../token/secrets.ts";
import { readMemberAt, type MemberJob } from "./member-at.ts";
import { controlOf, type RawToken, type SentMember, type ThreadData, type ThreadMessage } from "./member-thread.ts";
import { createStreamScanner } from "./scan/stream-scan.ts";

function isThreadData(value: unknown): value is ThreadData {
  return typeof value === "object" && value !== null && "settings" in value && "control" in value;
}

const started: unknown = workerData;
if (!isThreadData(started)) throw new TypeError("this module is started by member-thread.ts");
const { settings, control } = started;
const { stop, read } = controlOf(control);
const scanner = createStreamScanner({ simd: settings.simd });

/** Reads one member, and remembers every token for the other side. */
async function answer(job: MemberJob): Promise<SentMember> {
  const secrets = new Secrets();
  const raw = new Map<string, RawToken>();
  const facts = secrets.facts.bind(secrets);
  secrets.facts = (match) => {
    raw.set(match.value, { value: match.value, family: match.family.id });
    return facts(match);
  };
  const { stream, ...member } = await readMemberAt(job, settings, {
    scanner,
    secrets,
    isStopped: () => Atomics.load(stop, 0) === 1,
    progress: () => {},
    count: (bytes) => void Atomics.add(read, 0, BigInt(bytes)),
  });
  const found = [...raw.values()];
  if (stream === null) return { member: { ...member, stream }, index: new Float64Array(), raw: found };
  const { index, ...facet } = stream;
  return { member: { ...member, stream: facet }, index: index.packed(), raw: found };
}

if (parentPort !== null) {
  const port = parentPort;
  const say = (message: ThreadMessage): void => port.postMessage(message);
  port.on("message", (job: MemberJob) => void answer(job).then(say));
  say("ready");
}
