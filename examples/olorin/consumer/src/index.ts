// Investigates an entity and reads the risk back; every type comes from the OpenAPI document.
import type { components, paths } from "./api/schema";

type InvestigationRequest = components["schemas"]["InvestigationRequest"];
type InvestigationResponse = components["schemas"]["InvestigationResponse"];
type ErrorResponse = components["schemas"]["ErrorResponse"];
type Created =
  paths["/api/v1/investigations/"]["post"]["responses"][201]["content"]["application/json"];

export class Investigations {
  constructor(private readonly backend: string, private readonly token: string) {}

  async start(entityId: string): Promise<Created> {
    const request: InvestigationRequest = { entity_id: entityId, entity_type: "email" };
    return this.call<Created>("/api/v1/investigations/", "POST", request);
  }

  async read(id: string): Promise<InvestigationResponse> {
    return this.call<InvestigationResponse>(`/api/v1/investigations/${encodeURIComponent(id)}`, "GET");
  }

  private async call<Answer>(path: string, method: "GET" | "POST", body?: unknown): Promise<Answer> {
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    const answer = await fetch(this.backend + path, { method, headers, body: body ? JSON.stringify(body) : null });
    if (!answer.ok) throw new Error(((await answer.json()) as ErrorResponse).message);
    return (await answer.json()) as Answer;
  }
}

export async function isRisky(api: Investigations, email: string, limit = 75): Promise<boolean> {
  const started = await api.start(email);
  const finished = await api.read(started.investigation_id);
  return finished.status === "completed" && finished.risk_score > limit;
}
