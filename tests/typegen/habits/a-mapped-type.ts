// A mapped type.
import { type Order, plain, first } from "./shared.ts";
type Texts = {
  [K in keyof Pick<Order, "state" | "total">]: string;
};

export async function run(base: string): Promise<void> {
  const one = await first(base);
  const t: Texts = { state: one.state.toUpperCase(), total: one.total.toFixed(1) };
  plain(t.state + t.total);
}
