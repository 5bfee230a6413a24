// A generic with any inside.
import { plain, first } from "./shared.ts";
function read<T>(row: T, key: string): string { return String((row as any)[key]); }

export async function run(base: string): Promise<void> {
  plain(read(await first(base), "state"));
  plain(read((await first(base)).customer, "email"));
}
