// A body in json of a wider.
import { type NewOrder, JSONS, must } from "./shared.ts";
const draft = { reference: "r", comment: "x", channel: "web" as const };

export async function run(base: string): Promise<void> {
  const wanted: NewOrder = draft;
  const a = await fetch(`${base}/orders`, { method: "POST", headers: JSONS, body: JSON.stringify(wanted) });
  must(a.ok, "refused");
}
