// A body of unknown.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";
const load = (): unknown => ({ reference: "r", channel: "web", comment: "x" });

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: load() as NewOrder });
  must(response.ok, "refused");
}
