// An array of any.
import { plain, first } from "./shared.ts";
const rows: any[] = [];

export async function run(base: string): Promise<void> {
  rows.push(await first(base));
  plain(rows[0].state.toUpperCase());
}
