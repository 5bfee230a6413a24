// A set of the states.
import { must, first } from "./shared.ts";
const open = new Set<string>(["new", "paid", "sent"]);

export async function run(base: string): Promise<void> {
  const one = await first(base);
  must(open.has(one.state), "unknown");
}
