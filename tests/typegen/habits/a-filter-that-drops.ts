// A filter that drops.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data } = await client.GET("/orders");
  const open = data!.items.filter((one) => one.state === "new" || one.state === "paid" || one.state === "sent");
  must(open.length === data!.items.length, "lost");
}
