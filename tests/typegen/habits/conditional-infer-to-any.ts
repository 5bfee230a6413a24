// Conditional infer to any.
import { type Order, plain, first } from "./shared.ts";
type StateOf<T> = T extends {
  state: infer X;
} ? X : any;

export async function run(base: string): Promise<void> {
  const one = await first(base);
  const s = (one as {
    state: StateOf<Order>;
  }).state;
  plain(s.toUpperCase());
}
