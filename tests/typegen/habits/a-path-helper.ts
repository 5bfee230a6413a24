// A path helper.
import { must } from "./shared.ts";
const at = { order: (id: string) => `/orders/${id}` as const, list: () => "/orders" as const };

export async function run(base: string): Promise<void> {
  const a = await fetch(base + at.order("1"));
  must(a.ok, "status");
  const b = await fetch(base + at.list());
  must(b.ok, "status");
}
