// A store of unknown.
import { plain, first } from "./shared.ts";
const store: Record<string, unknown> = {};

export async function run(base: string): Promise<void> {
  store["one"] = await first(base);
  const one = store["one"] as {
    state: string;
    total: number;
  };
  plain(one.state.toUpperCase() + one.total.toFixed(1));
}
