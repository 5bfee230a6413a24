// A body of a generic loader.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type NewOrder, must } from "./shared.ts";
function load<T>(): T { return { reference: "r", channel: "web", comment: "x" } as T; }

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: load<NewOrder>() });
  must(response.ok, "refused");
}
