// Integer arithmetic.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(BigInt(one.number));
  plain(new Array(one.lines[0]!.quantity).length);
}
