// Payments by in.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data: p } = await client.GET("/orders/{id}/payment", { params: { path: { id: "1" } } });
  if (!p)
    throw new Error("none");
  must(("last4" in p ? p.last4 : p.iban).length > 0, "x");
}
