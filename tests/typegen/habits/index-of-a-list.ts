// Index of a list.
import { must, first } from "./shared.ts";
const order: string[] = ["new", "paid", "sent"];

export async function run(base: string): Promise<void> {
  const { state } = await first(base);
  must(order.indexOf(state) >= 0, "unknown");
}
