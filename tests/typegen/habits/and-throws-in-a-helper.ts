// And throws in a helper.
import { first } from "./shared.ts";
function check(good: unknown) { if (!good)
  throw new Error("no"); }

export async function run(base: string): Promise<void> {
  const one = await first(base);
  check(one.total && one.state);
  check(!!one.customer.email || one.customer.email === "");
}
