// A body of records.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const body: Record<string, unknown> = {};
  body["reference"] = "r";
  body["channel"] = "web";
  body["comment"] = "x";
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: body as NewOrder });
  must(response.ok, "refused");
}
