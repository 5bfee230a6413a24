// A body in json with satisfies.
import { type NewOrder, JSONS, must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders`, { method: "POST", headers: JSONS, body: JSON.stringify({ reference: "r", comment: "x", channel: "web" } satisfies NewOrder) });
  must(a.ok, "refused");
}
