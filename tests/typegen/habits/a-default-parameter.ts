// A default parameter.
import { type Order, plain, first } from "./shared.ts";
const text = ({ total = 0, state = "new" }: Order) => `${total} ${state}`;

export async function run(base: string): Promise<void> {
  plain(text(await first(base)));
}
