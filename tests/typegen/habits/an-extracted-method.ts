// An extracted method.
import { type Order, plain, first } from "./shared.ts";
const stateOf = (one: Pick<Order, "state">) => one.state.toUpperCase();

export async function run(base: string): Promise<void> {
  plain([await first(base)].map(stateOf).join());
}
