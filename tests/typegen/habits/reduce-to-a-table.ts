// Reduce to a table.
import { type Order, must, plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const by = [await first(base)].reduce<Record<string, Order>>((all, one) => ({ ...all, [one.state]: one }), {});
  plain(Object.values(by).map((one) => one.customer.email.length).join());
  must(Object.keys(by).every((k) => ["new", "paid", "sent"].includes(k)), "state");
}
