// A wider body.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";
const body = { reference: "r1", channel: "web" as const, comment: "hi", count: 1 };

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body });
  must(response.ok, "refused");
}
