// Javascript outside.
// @options {"noImplicitAny": false}
import { plain, first } from "./shared.ts";
// @ts-ignore
import { label } from "./label.js";

export async function run(base: string): Promise<void> {
  plain(label(await first(base)));
}

// @file src/label.js
export function label(one) { return one.state.toUpperCase() + one.customer.email.length; }
