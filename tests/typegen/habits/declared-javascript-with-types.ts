// Declared javascript with types.
import { plain, first } from "./shared.ts";
import { label } from "./label.js";

export async function run(base: string): Promise<void> {
  plain(label(await first(base)));
}

// @file src/label.js
export function label(one) { return one.state.toUpperCase() + one.customer.email.length; }

// @file src/label.d.ts
import type { components } from "./api/schema";
export function label(one: components["schemas"]["Order"]): string;
