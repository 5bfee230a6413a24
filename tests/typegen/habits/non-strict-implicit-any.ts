// Non strict implicit any.
// @options {"strict": false}
import { plain, first } from "./shared.ts";
function label(row) { return row.state.toUpperCase() + row.customer.email.length; }

export async function run(base: string): Promise<void> {
  plain(label(await first(base)));
}
