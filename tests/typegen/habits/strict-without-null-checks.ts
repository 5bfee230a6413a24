// Strict without null checks.
// @options {"strict": true, "strictNullChecks": false}
import { type Order, plain, first } from "./shared.ts";
const f = (one: Order) => one.state.toUpperCase() + one.total.toFixed(1);

export async function run(base: string): Promise<void> {
  plain(f(await first(base)));
}
