// Form value cast to the enum.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";
const form: Record<string, string> = { channel: "web", reference: "r1" };

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: { reference: form["reference"] ?? "", channel: form["channel"] as NewOrder["channel"] } });
  must(response.ok, "refused");
}
