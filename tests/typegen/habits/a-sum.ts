// A sum.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data } = await client.GET("/orders");
  let sum = 0;
  for (const one of data!.items)
    sum += one.total;
  must(sum > 0 && typeof sum === "number", "sum");
}
