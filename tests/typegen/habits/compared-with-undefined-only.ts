// Compared with undefined only.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  if (one.state !== undefined)
    plain(`${one.state}`);
  if (one.customer.email !== undefined)
    plain(`${one.customer.email}`);
}
