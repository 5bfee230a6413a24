/** The service as its contract describes it, in both versions: generated handlers, first examples, then samples. */
import type { HttpHandler } from "msw";
import * as v1 from "../api/generated/v1/handlers";
import * as v2 from "../api/generated/v2/handlers";

export function mockHandlers(baseUrl: string): HttpHandler[] {
  return [...v1.handlers(baseUrl), ...v2.handlers(baseUrl)];
}
