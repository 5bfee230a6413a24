// Values joined.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(Object.values({ state: one.state, total: one.total }).join());
}
