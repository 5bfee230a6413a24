// Writes src/api/generated/v1 and v2: types, client, validators and mocks of each version, from one document.
//
// The document is contract/openapi.json, or what BACKEND_URL serves. `olorin` is looked for in OLORIN, in the virtual
// environment of the repository, and on PATH.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const front = join(import.meta.dirname, "..");
const beside = join(front, "../../../.venv/bin/olorin");
const olorin = process.env.OLORIN ?? (existsSync(beside) ? beside : "olorin");
const document = process.env.BACKEND_URL
  ? new URL("/openapi.json", process.env.BACKEND_URL).href
  : join(front, "contract/openapi.json");

const VERSIONS = { v1: ["/api/v1/**", "/health/ready"], v2: ["/api/v2/**"] };

for (const [version, paths] of Object.entries(VERSIONS)) {
  const out = join(front, "src/api/generated", version);
  const chosen = paths.flatMap((path) => ["--paths", path]);
  const { status, error } = spawnSync(olorin, ["types", document, "--out", out, ...chosen], { stdio: "inherit" });
  if (error) console.error(`${olorin}: ${error.message}\nRun \`make install\` in the repository, or set OLORIN.`);
  if (status !== 0) process.exit(status ?? 1);
}
