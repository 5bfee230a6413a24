// Errors raw.
import { type S, JSONS, must, plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders`, { method: "POST", headers: JSONS, body: "{}" });
  must(a.status === 422, "status");
  const p = (await a.json()) as S["Problem"];
  must(p.code === "invalid" || p.code === "duplicate", "code");
  plain(p.message.length);
}
