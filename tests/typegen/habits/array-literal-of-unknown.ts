// Array literal of unknown.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const rows: unknown[] = [await first(base)];
  plain((rows[0] as {
    state: string;
  }).state.toUpperCase());
}
