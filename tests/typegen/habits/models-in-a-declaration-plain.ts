// Models in a declaration plain.
import { must, plain } from "./shared.ts";
import type { Row } from "./models";
const rowOf = (one: {
  state: Row["state"];
}): string => one.state.toUpperCase();

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders/1`);
  must(a.ok, "s");
  const r: Row = await a.json();
  plain(rowOf(r));
}

// @file src/models.d.ts
import type { components } from "./api/schema";
type O = components["schemas"]["Order"];
export interface Row {
  state: O["state"];
  total: O["total"];
}
