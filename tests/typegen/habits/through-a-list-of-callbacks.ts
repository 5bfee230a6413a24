// Through a list of callbacks.
import { type Order, plain, first } from "./shared.ts";
const columns: {
  title: string;
  of: (one: Order) => unknown;
}[] = [{ title: "State", of: (one) => one.state }, { title: "Total", of: (one) => one.total }];

export async function run(base: string): Promise<void> {
  const one = await first(base);
  for (const column of columns)
    plain(column.of(one));
}
