// Non strict null.
// @options {"strict": false, "strictNullChecks": false}
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(one.state.toUpperCase());
  plain(one.customer.email.length);
  plain(one.total.toFixed(1));
}
