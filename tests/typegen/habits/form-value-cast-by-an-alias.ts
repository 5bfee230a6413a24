// Form value cast by an alias.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";
type Channel = NonNullable<NewOrder["channel"]>;
const chosen: string = "web";

export async function run(base: string): Promise<void> {
  const channel = chosen as Channel;
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: { reference: "r", channel } });
  must(response.ok, "refused");
}
