/** Which versions of the API does the service serve? Asked of its health report, which needs no token. */
import type { ApiVersion, Environment } from "../config/environment";
import { type ApiConfig, clientOptions } from "./config";
import { createApiClient } from "./generated/v1/client";
import type { components } from "./generated/v1/schema";
import { ApiProblem } from "./problem";

type HealthReport = components["schemas"]["HealthReport"];

export interface Service {
  /** Version of the release that answered. */
  readonly release: string;
  readonly versions: readonly ApiVersion[];
}

/** Asks the service; a service too old to say serves version 1. Throws an `ApiProblem` when it does not answer. */
export async function detectService(config: ApiConfig): Promise<Service> {
  const client = createApiClient(clientOptions({ ...config, token: null }));
  const { data, error } = await client.GET("/health/ready").catch((): { data?: never; error?: never } => ({}));
  const report: unknown = data ?? error; // a service that is not ready says so, and serves what it serves
  if (!isHealthReport(report)) throw new ApiProblem(0, "The service does not tell its health");
  const told = report.api_versions?.map(({ name }) => name) ?? ["v1"];
  return { release: report.version, versions: told.filter((name) => name === "v1" || name === "v2") };
}

/** Whether it is a health report, of any release: older ones have no `api_versions`. */
function isHealthReport(body: unknown): body is Partial<HealthReport> & Pick<HealthReport, "version"> {
  return typeof body === "object" && body !== null && "version" in body;
}

/** The version to use: the wanted one, where the flag allows it and the service serves it; else version 1. */
export function usableVersion(wanted: ApiVersion, service: Service | null, environment: Environment): ApiVersion {
  const v2 = environment.enableV2Api && (service === null || service.versions.includes("v2"));
  return wanted === "v2" && v2 ? "v2" : "v1";
}
