// A spread body.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";
interface Draft {
  reference: string;
  comment: string;
  channel: "web" | "shop";
}
const draft: Draft = { reference: "r1", channel: "web", comment: "hi" };

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: { ...draft, count: 2 } });
  must(response.ok, "refused");
}
