// Query put together.
import { type Page, must, plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const q = new URLSearchParams();
  q.set("state", "new");
  q.set("limit", "50");
  const a = await fetch(`${base}/orders?${q}`, { headers: { "X-Tenant": "a" } });
  must(a.ok, "refused");
  const page = (await a.json()) as Page;
  plain(page.items[0]!.id);
}
