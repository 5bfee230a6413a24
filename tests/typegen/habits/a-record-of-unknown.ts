// A record of unknown.
import { plain, first } from "./shared.ts";
function show(row: Record<string, unknown>): string { return String(row["state"]).toUpperCase(); }

export async function run(base: string): Promise<void> {
  plain(show(await first(base)));
}
