// Parse numbers.
import { must, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  must(Number(one.total) > 0 && String(one.id).length > 0 && !String(one.id).includes("null"), "x");
}
