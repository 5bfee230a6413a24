// A comparison sort.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data } = await client.GET("/orders");
  const rows = [...data!.items, ...data!.items].sort((a, b) => (a.state > b.state ? 1 : -1));
  plain(rows.map((r) => r.state).join());
}
