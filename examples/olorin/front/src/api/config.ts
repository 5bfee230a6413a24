/** How the generated clients are called: where, as whom, and for how long they wait. */
import type { ClientOptions } from "openapi-fetch";
import type { Environment } from "../config/environment";

export interface ApiConfig {
  readonly baseUrl: string;
  readonly timeoutMs: number;
  /** A JWT; without one only the health report can be read. */
  readonly token: string | null;
}

export function apiConfig(environment: Environment, token: string | null, origin = window.location.origin): ApiConfig {
  return { baseUrl: environment.apiBaseUrl || origin, timeoutMs: environment.requestTimeoutMs, token };
}

export function clientOptions({ baseUrl, timeoutMs, token }: ApiConfig): ClientOptions {
  return {
    baseUrl,
    headers: token === null ? {} : { Authorization: `Bearer ${token}` },
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(timeoutMs) }),
  };
}
