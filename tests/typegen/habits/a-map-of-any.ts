// A map of any.
import { plain, first } from "./shared.ts";
const cache = new Map();

export async function run(base: string): Promise<void> {
  const one = await first(base);
  cache.set(one.id, one);
  plain(cache.get(one.id).state.toUpperCase());
  plain(cache.get(one.id).customer.email.length);
}
