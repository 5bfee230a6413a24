// Or empty text.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain((one.state || "none") + (one.customer.email || "none") + (one.total || 0));
}
