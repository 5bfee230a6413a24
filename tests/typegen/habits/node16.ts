// Node16.
// @options {"module": "node16", "moduleResolution": "node16"}
import { plain, first } from "./shared.ts";
import { show } from "./show.js";

export async function run(base: string): Promise<void> {
  plain(show(await first(base)));
}

// @file package.json
{"type": "module"}

// @file src/show.ts
import type { components } from "./api/schema.js";
export const show = (one: components["schemas"]["Order"]): string => one.state.toUpperCase() + one.customer.email.length;
