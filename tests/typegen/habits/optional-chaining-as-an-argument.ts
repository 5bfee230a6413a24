// Optional chaining as an argument.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(one.state?.toUpperCase());
  plain(one.customer.email?.length);
}
