// A class over T.
import { plain, first } from "./shared.ts";
class Table<T extends object> {
  rows: T[];
  constructor(rows: T[]) { this.rows = rows; }
  cell(index: number, key: string) { return (this.rows[index] as any)[key]; }
}

export async function run(base: string): Promise<void> {
  const t = new Table([await first(base)]);
  plain(t.cell(0, "state"));
  plain(t.cell(0, "total"));
}
