// A body in json named.
import { type NewOrder, JSONS, must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const wanted: NewOrder = { reference: "r", comment: "x", channel: "web" };
  const a = await fetch(`${base}/orders`, { method: "POST", headers: JSONS, body: JSON.stringify(wanted) });
  must(a.ok, "refused");
}
