// Javascript loose.
// @options {"allowJs": true, "checkJs": true, "noImplicitAny": false}
import { plain, first } from "./shared.ts";
import { label } from "./label.js";

export async function run(base: string): Promise<void> {
  plain(label(await first(base)));
}

// @file src/label.js
export function label(one) { return one.state.toUpperCase() + one.customer.email.length; }
