// Keys at run time.
import { type Order, plain, first } from "./shared.ts";
const keys: (keyof Order)[] = ["state", "total", "placed"];

export async function run(base: string): Promise<void> {
  const one = await first(base);
  for (const key of keys)
    plain(one[key]);
}
