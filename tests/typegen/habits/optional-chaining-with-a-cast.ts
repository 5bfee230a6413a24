// Optional chaining with a cast.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  const n = one.total?.valueOf() as number;
  plain(n + 1);
  const m: number = one.customer.email?.length!;
  plain(m + 1);
}
