// A class validator of unknown.
import { type Order, plain, first } from "./shared.ts";
class Check {
  static order(data: unknown): asserts data is Order { if (!data || typeof data !== "object" || !("state" in data))
    throw new Error("no order"); }
}

export async function run(base: string): Promise<void> {
  const one: unknown = await first(base);
  Check.order(one);
  plain(one.id);
}
