// Which work is asked of Node? A process that lives on and answers one request after the other.
//
// A request is two lines: a header {"id", "op", "bytes"} and a JSON document of that many bytes. An answer is one line:
// {"id", "ok": true, …} or {"id", "ok": false, "kind": "refused" | "broken", "message"}; one with "raw" is followed by its
// text, that many bytes. Tools are loaded when they are first needed. The process ends with its input, and with its parent even while it is busy.
import { createRequire, enableCompileCache, flushCompileCache } from "node:module";
import { Worker } from "node:worker_threads";

const LARGEST = 64 * 1024 * 1024;
const IDLE_SECONDS = Number(process.argv[3] ?? 300);
const modules = process.argv[2];
const tools = createRequire(`${modules}/`);

console.log = console.error; // standard output carries answers only
enableCompileCache(`${modules}/.cache/olorin`); // half of what loading TypeScript takes; where it cannot be kept, nothing is

// A second thread: the first may be busy for seconds, and a parent that was killed closes nothing for a fork of it.
const watch = `const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, 500);`;
new Worker(watch, { eval: true }).unref();

const OPERATIONS = {
  types: async (document) => ({ raw: (await import("./types.mjs")).types(document, false, await typesTools()) }),
  mended_types: async (document) => ({ raw: (await import("./types.mjs")).types(document, true, await typesTools()) }),
  validators: async (plan) => (await import("./validators.mjs")).validators(plan, tools, modules),
  texts: async (asked) => (await import("./validators.mjs")).texts(asked),
  usage: async (question) => (await import("./usage/main.mjs")).usage(question, tools("typescript")),
  contexts: async (question) => (await import("./usage/main.mjs")).contexts(question, tools("typescript")),
  preload,
};

let loaded;
const typesTools = () => (loaded ??= import("./types.mjs").then((module) => module.load(tools)));

async function preload({ projects = [] }) {
  await typesTools();
  if (projects.length) (await import("./usage/main.mjs")).preload(projects, tools("typescript"));
  return {};
}

async function answer(header, text) {
  try {
    const operation = Object.hasOwn(OPERATIONS, header.op) ? OPERATIONS[header.op] : undefined;
    if (!operation) throw new Error(`unknown operation ${header.op}`);
    return { id: header.id, ok: true, ...(await operation(JSON.parse(text))) };
  } catch (error) {
    const kind = error.refused || error instanceof SyntaxError ? "refused" : "broken";
    return { id: header.id, ok: false, kind, message: String(error?.message ?? error).slice(0, 2000) };
  }
}

async function* requests() {
  let held = [];
  let length = 0;
  let header;
  let idle = setTimeout(() => process.exit(0), IDLE_SECONDS * 1000);
  for await (let chunk of process.stdin) {
    clearTimeout(idle);
    for (;;) {
      const end = header ? header.bytes - length : chunk.indexOf(10);
      if (end < 0 || end >= chunk.length) {
        held.push(chunk);
        length += chunk.length;
        if (length > LARGEST) throw new Error("a request is too large");
        break;
      }
      const line = Buffer.concat([...held, chunk.subarray(0, end)]).toString();
      [held, length] = [[], 0];
      chunk = chunk.subarray(end + 1);
      if (header) {
        yield [header, line];
        header = undefined;
      } else {
        header = JSON.parse(line);
        if (!(header.bytes <= LARGEST)) throw new Error("a request is too large");
      }
    }
    idle = setTimeout(() => process.exit(0), IDLE_SECONDS * 1000);
  }
}

for await (const [header, text] of requests()) {
  const { raw, ...said } = await answer(header, text);
  const body = raw === undefined ? [] : [Buffer.from(raw)];
  if (body.length) said.raw = body[0].length;
  const whole = Buffer.concat([Buffer.from(`${JSON.stringify(said)}\n`), ...body]);
  if (!process.stdout.write(whole)) await new Promise((done) => process.stdout.once("drain", done));
  if (header.op !== "preload") flushCompileCache(); // with the functions it took; at its end it may be killed
}
process.exit(0);
