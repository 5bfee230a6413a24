// Promise all.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const [a, b] = await Promise.all([client.GET("/orders"), client.GET("/orders/{id}", { params: { path: { id: "1" } } })]);
  plain(a.data!.items[0]!.state.toUpperCase() + b.data!.customer.email.length);
}
