// A state by eval of keys.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  const get = (o: any, p: string) => p.split(".").reduce((x, k) => x[k], o);
  plain(get(one, "state"));
  plain(get(one, "customer.email").length);
}
