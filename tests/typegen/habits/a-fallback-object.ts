// A fallback object.
import { plain, first } from "./shared.ts";
const none = { id: "-", state: "new", total: 0 };

export async function run(base: string): Promise<void> {
  const one = { ...none, ...(await first(base)) };
  plain(one.state.toUpperCase());
  plain(one.total.toFixed(1));
}
