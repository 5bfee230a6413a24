/** Version 2 of the API: entity and risk are objects of their own. */
import type { ClientOptions, Middleware } from "openapi-fetch";
import { createApiClient } from "./generated/v2/client";
import type { components } from "./generated/v2/schema";
import type { Investigation, InvestigationOrder, InvestigationsApi } from "./investigations";
import { answered } from "./problem";

type Request = components["schemas"]["NewInvestigation"];
type Response = components["schemas"]["AssessedInvestigation"];

export function investigationsV2(options: ClientOptions, ...middleware: Middleware[]): InvestigationsApi {
  const client = createApiClient(options);
  client.use(...middleware);
  return {
    version: "v2",
    async create(order) {
      return told(await answered(client.POST("/api/v2/investigations/", { body: requestOf(order) })));
    },
    async read(id) {
      const path = { investigation_id: id };
      return told(await answered(client.GET("/api/v2/investigations/{investigation_id}", { params: { path } })));
    },
    async list(limit) {
      const list = await answered(client.GET("/api/v2/investigations/", { params: { query: { limit } } }));
      return { items: list.items.map(told), total: list.page.total };
    },
  };
}

function requestOf({ id, type, period }: InvestigationOrder): Request {
  const range = period && { start_time: period.from.toISOString(), end_time: period.to.toISOString() };
  return { entity: { id, type }, priority: "normal", ...(range && { time_range: range }) };
}

function told(response: Response): Investigation {
  return {
    id: response.id,
    status: response.status,
    score: response.risk.score,
    createdAt: new Date(response.created_at),
    entity: response.entity,
    level: response.risk.level,
    factors: response.risk.factors,
  };
}
