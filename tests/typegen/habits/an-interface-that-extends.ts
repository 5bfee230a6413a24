// An interface that extends.
import { type Order, must, plain } from "./shared.ts";
interface Mine extends Order {
  state: "new" | "paid" | "sent";
  total: number;
}

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders/1`);
  must(a.ok, "status");
  const one = (await a.json()) as Mine;
  plain(one.state.toUpperCase());
  plain(one.total.toFixed(1));
}
