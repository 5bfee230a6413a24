/** Version 1 of the API. It uses only what release 2.0.0 promised, so that it works on every release. */
import type { ClientOptions, Middleware } from "openapi-fetch";
import { createApiClient } from "./generated/v1/client";
import type { components } from "./generated/v1/schema";
import type { Investigation, InvestigationOrder, InvestigationsApi } from "./investigations";
import { answered } from "./problem";

type Request = components["schemas"]["InvestigationRequest"];
type Response = components["schemas"]["InvestigationResponse"];

export function investigationsV1(options: ClientOptions, ...middleware: Middleware[]): InvestigationsApi {
  const client = createApiClient(options);
  client.use(...middleware);
  return {
    version: "v1",
    async create(order) {
      return told(await answered(client.POST("/api/v1/investigations/", { body: requestOf(order) })));
    },
    async read(id) {
      const path = { investigation_id: id };
      return told(await answered(client.GET("/api/v1/investigations/{investigation_id}", { params: { path } })));
    },
    async list(limit) {
      const page = await answered(client.GET("/api/v1/investigations/", { params: { query: { limit } } }));
      return { items: page.items.map(told), total: page.total };
    },
  };
}

function requestOf({ id, type, period }: InvestigationOrder): Request {
  const range = period && { start_time: period.from.toISOString(), end_time: period.to.toISOString() };
  return { entity_id: id, entity_type: type, ...(range && { time_range: range }) };
}

function told(response: Response): Investigation {
  return {
    id: response.investigation_id,
    status: response.status,
    score: response.risk_score,
    createdAt: new Date(response.created_at),
    entity: null,
    level: null,
    factors: [],
  };
}
