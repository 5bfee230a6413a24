// What the habits share: the types they name, and the first order of the list.
import createClient from "openapi-fetch";
import type { components, paths } from "./api/schema.js";

export type S = components["schemas"];
export type Order = S["Order"];
export type NewOrder = S["NewOrder"];
export type Page = S["Page"];
export const JSONS = { "content-type": "application/json" };

export function must(good: boolean, what: string): void {
  if (!good) throw new Error(what);
}

export const plain = (text: unknown) => must(!/undefined|null|NaN|object/.test(String(text)), `reads ${String(text)}`);

export async function first(base: string): Promise<Order> {
  const client = createClient<paths>({ baseUrl: base });
  const { data, error } = await client.GET("/orders");
  if (!data) throw new Error(`failed ${String(error)}`);
  return data.items[0] as Order;
}
