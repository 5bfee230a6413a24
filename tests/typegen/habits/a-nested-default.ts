// A nested default.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data: { items: [one] } = { items: [] } } = await client.GET("/orders");
  plain(one!.state.toUpperCase() + one!.customer.email.length);
}
