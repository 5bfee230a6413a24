// A partial put together.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const body: Partial<NewOrder> = { reference: "r1" };
  body.channel = "web";
  body.comment = "hi";
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: body as NewOrder });
  must(response.ok, "refused");
}
