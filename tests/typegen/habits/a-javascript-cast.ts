// A javascript cast.
// @options {"allowJs": true, "checkJs": true}
import { plain, first } from "./shared.ts";
import { label } from "./label.js";

export async function run(base: string): Promise<void> {
  plain(label(await first(base)));
}

// @file src/label.js
/** @param {import("./api/schema").components["schemas"]["Order"]} one */
export function label(one) { const row = /** @type {any} */ (one); return row.state.toUpperCase() + row.customer.email.length; }
