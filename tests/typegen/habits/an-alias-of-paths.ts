// An alias of paths.
// @options {"paths": {"@api/*": ["./src/api/*"]}}
import type { components } from "./api/schema.js";
import { type Order, must, plain } from "./shared.ts";
import type { components as C } from "@api/schema";

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders/1`);
  must(a.ok, "s");
  const one = (await a.json()) as C["schemas"]["Order"];
  plain(one.state.toUpperCase() + one.customer.email.length);
}
