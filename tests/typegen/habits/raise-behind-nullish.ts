// Raise behind ??.
import { plain, first } from "./shared.ts";
function raise(what: string): never { throw new Error(what); }

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(one.state ?? raise("no state"));
  plain(one.customer.email ?? raise("no email"));
}
