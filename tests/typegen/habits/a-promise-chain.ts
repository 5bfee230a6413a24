// A promise chain.
import { type Order, must, plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const said = await fetch(`${base}/orders/1`).then((a) => { must(a.ok, "s"); return a.json() as Promise<Order>; }).then((one) => one.state.toUpperCase() + one.customer.email.length);
  plain(said);
}
