/** The service as its contract describes it: generated handlers, which answer with its examples, else with samples. */
import { http, type HttpHandler, HttpResponse } from "msw";
import * as v1 from "../api/generated/v1/handlers";
import type { components } from "../api/generated/v1/schema";
import * as v2 from "../api/generated/v2/handlers";

const HEALTH: components["schemas"]["HealthReport"] = {
  status: "ok",
  version: "0.0.0-mocked",
  api_versions: [
    { name: "v1", status: "deprecated", sunset: "2027-06-30T00:00:00Z" },
    { name: "v2", status: "current" },
  ],
  checks: [],
};

export function mockHandlers(baseUrl: string): HttpHandler[] {
  const health = http.get(`${baseUrl}/health/ready`, () => HttpResponse.json(HEALTH)); // no sample knows both versions
  return [health, ...v1.handlers(baseUrl), ...v2.handlers(baseUrl)];
}
