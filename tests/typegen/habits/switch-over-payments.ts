// Switch over payments.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type S, plain } from "./shared.ts";
type Payment = S["Card"] | S["Transfer"];
function text(p: Payment): string { switch (p.kind) {
  case "card": return p.last4;
  case "transfer": return p.iban;
} }

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data } = await client.GET("/orders/{id}/payment", { params: { path: { id: "1" } } });
  plain(text(data!));
}
