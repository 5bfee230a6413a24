// Columns of text.
import { plain, first } from "./shared.ts";
const columns = [{ field: "state" }, { field: "total" }];
const render = <T extends object>(rows: T[]) => rows.map((row) => columns.map((c) => String(row[c.field as keyof T])).join());

export async function run(base: string): Promise<void> {
  plain(render([await first(base)]));
}
