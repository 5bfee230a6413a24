// A guard for a typed value.
import { first } from "./shared.ts";
const isOrder = (x: unknown): boolean => typeof x === "object" && x !== null && "state" in x && "total" in x;

export async function run(base: string): Promise<void> {
  if (!isOrder(await first(base)))
    throw new Error("not an order");
}
