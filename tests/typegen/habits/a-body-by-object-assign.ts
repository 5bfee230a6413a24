// A body by Object.assign.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const body: NewOrder = Object.assign({ reference: "r" }, { comment: "x", channel: "web" as const });
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body });
  must(response.ok, "refused");
}
