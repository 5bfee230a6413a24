// Next page.
import { type Page, must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders`);
  must(a.ok, "s");
  const page = (await a.json()) as Page;
  let next = page.next;
  let n = 0;
  while (next && n++ < 3)
    next = null;
  must(page.next === null || page.next.length > 0, "next");
}
