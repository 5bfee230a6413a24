// A class of calls.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type Order, must, plain } from "./shared.ts";
class Api {
  private http;
  constructor(base: string) { this.http = createClient<paths>({ baseUrl: base }); }
  async list(state: Order["state"]) { return (await this.http.GET("/orders", { params: { query: { state } } })).data; }
  async drop(id: string) { return (await this.http.DELETE("/orders/{id}", { params: { path: { id } } })).response.ok; }
}

export async function run(base: string): Promise<void> {
  const api = new Api(base);
  const page = await api.list("new");
  plain(page!.items.map((one) => one.total.toFixed(1)).join());
  must(await api.drop("1"), "kept");
}
