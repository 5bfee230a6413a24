// Columns for reflect.
import { plain, first } from "./shared.ts";
const columns = ["state", "total"];
const render = (row: object) => columns.map((c) => String(Reflect.get(row, c))).join();

export async function run(base: string): Promise<void> {
  plain(render(await first(base)));
}
