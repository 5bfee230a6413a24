// Counts.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data } = await client.GET("/stats");
  plain(Object.values(data!.counts).reduce((a, b) => a + b, 0) / data!.size);
}
