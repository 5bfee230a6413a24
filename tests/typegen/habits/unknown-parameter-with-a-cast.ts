// Unknown parameter with a cast.
import { plain, first } from "./shared.ts";
const labelOf = (row: unknown) => (row as {
  state: string;
  note?: string;
}).state.toUpperCase();

export async function run(base: string): Promise<void> {
  plain(labelOf(await first(base)));
}
