// A map of labels.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  for (const [k, v] of Object.entries(one.labels))
    plain(k + v.toUpperCase());
}
