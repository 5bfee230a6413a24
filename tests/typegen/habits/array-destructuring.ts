// Array destructuring.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type Order, plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data } = await client.GET("/orders");
  const [{ state, customer: { email } }] = data!.items as [
    Order
  ];
  plain(state.toUpperCase() + email.length);
}
