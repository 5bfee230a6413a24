// As Required.
import { type Order, plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = (await first(base)) as Required<Order>;
  plain(one.state.length + one.customer.email.length);
}
