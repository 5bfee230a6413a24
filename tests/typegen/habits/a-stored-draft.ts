// A stored draft.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";
const stored = JSON.stringify({ reference: "r1", channel: "web", comment: "hi" });

export async function run(base: string): Promise<void> {
  const draft = JSON.parse(stored) as NewOrder;
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: draft });
  must(response.ok, "refused");
}
