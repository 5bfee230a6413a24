// A set of objects.
import { plain, first } from "./shared.ts";
const seen = new Set<object>();

export async function run(base: string): Promise<void> {
  seen.clear();
  seen.add(await first(base));
  for (const one of seen)
    plain((one as {
      state: string;
    }).state.toUpperCase());
}
