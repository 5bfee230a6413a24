// Globals in a declaration.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const o: ApiOrder = await first(base);
  plain(o.state.toUpperCase() + o.customer.email.length);
}

// @file src/globals.d.ts
type ApiOrder = import("./api/schema").components["schemas"]["Order"];
