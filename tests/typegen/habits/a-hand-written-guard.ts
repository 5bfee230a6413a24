// A hand-written guard.
import { type Order, plain, first } from "./shared.ts";
function isOrder(x: unknown): x is Order {
  return typeof x === "object" && x !== null && "state" in x && "total" in x && typeof (x as any).total === "number";
}

export async function run(base: string): Promise<void> {
  const one: unknown = await first(base);
  if (!isOrder(one))
    throw new Error("not an order");
  plain(one.id);
}
