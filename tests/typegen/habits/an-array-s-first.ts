// An array's first.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(one.lines[0]!.sku.length + one.lines[0]!.quantity);
}
