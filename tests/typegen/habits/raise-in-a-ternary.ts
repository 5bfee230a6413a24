// Raise in a ternary.
import { first } from "./shared.ts";
function raise(what: string): never { throw new Error(what); }

export async function run(base: string): Promise<void> {
  const one = await first(base);
  one.customer.email === undefined ? raise("no email") : 0;
  one.state ? 0 : raise("x");
}
