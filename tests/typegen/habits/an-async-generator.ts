// An async generator.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type Order, plain } from "./shared.ts";
async function* all(base: string): AsyncGenerator<Order> { const client = createClient<paths>({ baseUrl: base }); const { data } = await client.GET("/orders"); yield* data!.items; }

export async function run(base: string): Promise<void> {
  for await (const { state, customer } of all(base))
    plain(state.toUpperCase() + customer.email.length);
}
