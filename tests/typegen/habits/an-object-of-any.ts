// An object of any.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  const view: {
    row: any;
  } = { row: one };
  plain(view.row.state.toUpperCase() + view.row.customer.email.length);
}
