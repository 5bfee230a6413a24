// A barrel.
import { type Order, must, plain } from "./shared.ts";
import { api } from "./api/index.ts";
import type { Schemas } from "./api/index.ts";

export async function run(base: string): Promise<void> {
  const { data } = await api(base).GET("/orders");
  const rows: Schemas["Order"][] = data!.items;
  plain(rows.map((r) => r.state.toUpperCase() + r.customer.email.length).join());
  must((await api(base).DELETE("/orders/{id}", { params: { path: { id: "1" } } })).response.ok, "kept");
}

// @file src/api/index.ts
export * from "./client.ts";
export type * from "./models.ts";

// @file src/api/client.ts
import createClient from "openapi-fetch";
import type { paths } from "./schema";
export const api = (base: string) => createClient<paths>({ baseUrl: base });

// @file src/api/models.ts
import type { components } from "./schema";
export type Schemas = components["schemas"];
