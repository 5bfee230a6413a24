// Optional chaining in text.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(`${one.state?.toUpperCase()} ${one.customer?.email?.length}`);
}
