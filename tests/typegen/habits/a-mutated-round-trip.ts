// A mutated round trip.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { data } = await client.GET("/profile");
  if (!data)
    throw new Error("none");
  data.name = "n";
  const { response } = await client.PUT("/profile", { body: data });
  must(response.ok, "refused");
}
