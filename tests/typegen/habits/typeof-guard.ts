// Typeof guard.
import { first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  if (typeof one.total !== "number")
    throw new Error("no number");
  if (typeof one.customer.email !== "string")
    throw new Error("no text");
}
