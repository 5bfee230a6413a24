// If else over payments.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type S, must, plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data: p } = await client.GET("/orders/{id}/payment", { params: { path: { id: "1" } } });
  if (!p)
    throw new Error("none");
  if (p.kind === "card")
    plain(p.last4);
  else
    must((p as S["Transfer"]).iban.length > 0, "iban");
}
