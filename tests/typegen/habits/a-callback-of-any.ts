// A callback of any.
import { plain, first } from "./shared.ts";
function each(all: object[], f: (one: any) => void) { all.forEach(f); }

export async function run(base: string): Promise<void> {
  each([await first(base)], (one) => { plain(one.state.toUpperCase()); plain(one.customer.email.length); });
}
