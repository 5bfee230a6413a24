// Omit and again.
import { type Order, must, plain } from "./shared.ts";
type Mine = Omit<Order, "state"> & {
  state: "new" | "paid" | "sent";
};

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders/1`);
  must(a.ok, "status");
  const one = (await a.json()) as Mine;
  plain(one.state.toUpperCase());
}
