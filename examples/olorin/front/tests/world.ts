/** The services that tests run against: `tests/front/world.py` of the repository, started and spoken to. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const REPOSITORY = join(import.meta.dirname, "../../../..");
const PYTHON = join(REPOSITORY, ".venv/bin/python");

export interface World {
  /** The release that serves both versions of the API. */
  readonly backend: string;
  /** Envoy, behind which the two releases share the traffic. */
  readonly entry: string;
  readonly token: string;
  /** Gives the newer release this part of the traffic, in percent; resolves when Envoy serves it so. */
  moveTo(percent: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld({ alone = false } = {}): Promise<World> {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is not there: run \`make install\` in the repository`);
  const child = spawn(PYTHON, ["-m", "tests.front.world", ...(alone ? ["--alone"] : [])], {
    cwd: REPOSITORY,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function answer() {
    const { value, done } = await lines.next();
    if (done) throw new Error("the services of the tests ended");
    return JSON.parse(value);
  }

  return {
    ...(await answer()),
    async moveTo(percent) {
      child.stdin.write(`${JSON.stringify({ candidate: percent })}\n`);
      await answer();
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
