// Header sent.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.GET("/orders", { params: { header: { "X-Tenant": "a" }, query: { limit: 50, state: "new" } } });
  must(response.ok, "refused");
}
