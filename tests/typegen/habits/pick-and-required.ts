// Pick and required.
import { type Order, plain, first } from "./shared.ts";
type Row = Required<Pick<Order, "id" | "note" | "state">>;

export async function run(base: string): Promise<void> {
  const one = await first(base);
  const row: Row = { id: one.id, note: one.note ?? "-", state: one.state };
  plain(row.note + row.state.length);
}
