// A body from a function.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";
const draft = () => ({ reference: "r", comment: "x", channel: "web" as const });

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: draft() });
  must(response.ok, "refused");
}
