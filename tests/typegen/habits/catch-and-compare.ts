// Catch and compare.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  try {
    plain(one.customer.email.length);
  }
  catch {
    throw new Error("no email");
  }
}
