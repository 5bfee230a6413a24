// Errors by code.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type S, must, plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { error } = await client.POST("/orders", { body: { reference: 1 as any } });
  if (!error)
    throw new Error("taken");
  const code = (error as S["Problem"]).code;
  must(["invalid", "duplicate"].includes(code), "unknown code");
  plain((error as S["Problem"]).message.length);
}
