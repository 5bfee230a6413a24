// A raw round trip.
import { type S, JSONS, must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/profile`);
  const got = (await a.json()) as S["Profile"];
  const b = await fetch(`${base}/profile`, { method: "PUT", headers: JSONS, body: JSON.stringify({ ...got, name: "n" }) });
  must(b.ok, "refused");
}
