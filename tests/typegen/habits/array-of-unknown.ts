// Array of unknown.
import { plain, first } from "./shared.ts";
const rows: unknown[] = [];

export async function run(base: string): Promise<void> {
  rows.push(await first(base));
  plain((rows[0] as {
    state: string;
  }).state.toUpperCase());
}
