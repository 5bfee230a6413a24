// Equality of totals.
import { must, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  must(one.total === one.total && typeof one.total === "number", "no number");
}
