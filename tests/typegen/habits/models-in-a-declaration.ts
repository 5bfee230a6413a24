// Models in a declaration.
import { plain, first } from "./shared.ts";
import type { Row } from "./models";

export async function run(base: string): Promise<void> {
  const row = (await first(base)) as unknown as Row;
  const r: Row = row;
  plain(r.state.toUpperCase());
}

// @file src/models.d.ts
import type { components } from "./api/schema";
export interface Row {
  state: components["schemas"]["Order"]["state"];
  total: components["schemas"]["Order"]["total"];
}
