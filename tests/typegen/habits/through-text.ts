// Through text.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = JSON.parse(JSON.stringify(await first(base)));
  plain(one.state.toUpperCase());
  plain(one.customer.email.length);
}
