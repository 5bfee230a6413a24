// Form data entries.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const form = new FormData();
  form.set("reference", "r1");
  form.set("channel", "web");
  const body = Object.fromEntries(form) as unknown as NewOrder;
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body });
  must(response.ok, "refused");
}
