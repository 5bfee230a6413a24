// A javascript helper with any.
// @options {"allowJs": true, "checkJs": true}
import { plain, first } from "./shared.ts";
import { label } from "./label.js";

export async function run(base: string): Promise<void> {
  plain(label(await first(base)));
}

// @file src/label.js
/** @param {any} one */
export function label(one) { return one.state.toUpperCase() + one.customer.email.length; }
