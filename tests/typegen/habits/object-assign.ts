// Object.assign.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = Object.assign({ seen: true }, await first(base));
  plain(one.state.toUpperCase());
  plain(one.customer.email.length);
}
