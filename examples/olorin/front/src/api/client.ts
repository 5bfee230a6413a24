/** The client of a chosen version, which goes on with version 1 while a release without version 2 takes over. */
import type { Middleware } from "openapi-fetch";
import type { ApiVersion } from "../config/environment";
import { type ApiConfig, clientOptions } from "./config";
import type { InvestigationsApi } from "./investigations";
import { ApiProblem } from "./problem";
import { investigationsV1 } from "./v1";
import { investigationsV2 } from "./v2";
import { type Exchange, validating, validators } from "./validators";

/** What whoever made a client is told while it is used. */
export interface ClientEvents {
  answered(response: Response): void;
  checked(exchange: Exchange): void;
  /** A release answered that does not serve the version. */
  notServed(version: ApiVersion): void;
}

export function createInvestigationsApi(
  version: ApiVersion,
  config: ApiConfig,
  events: ClientEvents,
): InvestigationsApi {
  const options = clientOptions(config);
  const watching: Middleware = {
    onResponse({ response }) {
      events.answered(response);
    },
  };
  const middleware = (of: ApiVersion) => [watching, validating(validators[of], events.checked)];
  const v1 = investigationsV1(options, ...middleware("v1"));
  return version === "v1" ? v1 : withFallback(investigationsV2(options, ...middleware("v2")), v1, events);
}

/**
 * While traffic moves between two releases, each request may meet either. A 404 has done nothing, so it is safe to ask
 * again: when the older version answers, it was the route that was missing, not the investigation.
 */
function withFallback(newer: InvestigationsApi, older: InvestigationsApi, events: ClientEvents): InvestigationsApi {
  async function either<T>(call: (api: InvestigationsApi) => Promise<T>): Promise<T> {
    try {
      return await call(newer);
    } catch (problem) {
      if (!(problem instanceof ApiProblem) || problem.status !== 404) throw problem;
      const answer = await call(older);
      events.notServed(newer.version);
      return answer;
    }
  }
  return {
    version: newer.version,
    create: (order) => either((api) => api.create(order)),
    read: (id) => either((api) => api.read(id)),
    list: (limit) => either((api) => api.list(limit)),
  };
}
