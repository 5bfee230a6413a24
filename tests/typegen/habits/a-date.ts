// A date.
import { must, plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(new Date(`${one.placed}T00:00:00Z`).getTime());
  must(one.placed.split("-").length === 3 && one.placed.length === 10, "no date");
}
