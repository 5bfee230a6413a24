// Body as never.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";
const form = { reference: "r1", channel: "web", comment: "hi" };

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: form as never });
  must(response.ok, "refused");
}
