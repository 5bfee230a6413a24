import { delay, http, HttpResponse, type JsonBodyType } from "msw";
import { describe, expect, it, vi } from "vitest";
import { MOCKED, server } from "../mocks/server";
import { createInvestigationsApi } from "./client";

const ID = "5b0a9c1e-7d3f-4e62-9a41-0c6d2f8e1a01";
const TIMES = { created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };
const ONE_V1 = { investigation_id: ID, status: "completed", risk_score: 42.5, ...TIMES };
const ONE_V2 = {
  id: ID,
  status: "completed",
  entity: { id: "a@b.c", type: "email" },
  risk: { score: 42.5, level: "medium", factors: ["velocity"] },
  priority: "normal",
  ...TIMES,
};
const ORDER = {
  id: "a@b.c",
  type: "email",
  period: { from: new Date("2026-01-01"), to: new Date("2026-01-02") },
} as const;
const RANGE = { start_time: "2026-01-01T00:00:00.000Z", end_time: "2026-01-02T00:00:00.000Z" };
const NOT_SERVED = { error: "not_found", message: "Not Found: GET is not served here", details: [] };

function clientOf(version: "v1" | "v2", timeoutMs = 2000) {
  const events = { answered: vi.fn(), checked: vi.fn(), notServed: vi.fn() };
  return { api: createInvestigationsApi(version, { baseUrl: MOCKED, token: "t.o.k", timeoutMs }, events), events };
}

function answers(method: "get" | "post", path: string, body: JsonBodyType, status = 200) {
  const seen: Request[] = [];
  server.use(
    http[method](`${MOCKED}${path}`, ({ request }) => {
      seen.push(request.clone());
      return HttpResponse.json(body, { status });
    }),
  );
  return seen;
}

describe.each([
  [
    "v1",
    ONE_V1,
    { entity_id: "a@b.c", entity_type: "email", time_range: RANGE },
    { entity: null, level: null, factors: [] },
  ],
  [
    "v2",
    ONE_V2,
    { entity: { id: "a@b.c", type: "email" }, time_range: RANGE, priority: "normal" },
    { entity: { id: "a@b.c", type: "email" }, level: "medium", factors: ["velocity"] },
  ],
] as const)("version %s", (version, answer, request, expected) => {
  it("sends its own model with the token, and tells one the page knows", async () => {
    const seen = answers("post", `/api/${version}/investigations/`, answer, 201);
    const created = await clientOf(version).api.create(ORDER);
    expect(created).toMatchObject({ id: ID, score: 42.5, status: "completed", ...expected });
    expect(created.createdAt).toEqual(new Date("2026-01-01"));
    expect(await seen[0]?.json()).toEqual(request);
    expect(seen[0]?.headers.get("authorization")).toBe("Bearer t.o.k");
  });

  it("leaves out a period that was not given", async () => {
    const seen = answers("post", `/api/${version}/investigations/`, answer, 201);
    await clientOf(version).api.create({ ...ORDER, period: null });
    expect(await seen[0]?.json()).not.toHaveProperty("time_range");
  });

  it("reports what was sent and what was answered, whether or not it keeps to the contract", async () => {
    answers("get", `/api/${version}/investigations/:id`, { ...answer, status: "asleep" });
    const { api, events } = clientOf(version);
    await api.read(ID);
    expect(events.checked).toHaveBeenCalledExactlyOnceWith({
      operation: `GET /api/${version}/investigations/{investigation_id}`,
      status: 200,
      violations: [expect.objectContaining({ path: "/status", keyword: "enum" })],
    });
  });
});

describe("a problem", () => {
  it("says what the service said", async () => {
    const details = [{ location: "body.entity_id", message: "too long" }];
    answers("post", "/api/v1/investigations/", { error: "validation_failed", message: "1 value", details }, 422);
    await expect(clientOf("v1").api.create(ORDER)).rejects.toMatchObject({ status: 422, message: "1 value", details });
  });

  it("is told without a body of the service's own", async () => {
    server.use(http.get(`${MOCKED}/api/v1/investigations/`, () => new HttpResponse("upstream", { status: 503 })));
    await expect(clientOf("v1").api.list(1)).rejects.toThrow("answered with status 503");
  });

  it("is told when there is no answer", async () => {
    server.use(http.get(`${MOCKED}/api/v1/investigations/`, () => HttpResponse.error()));
    await expect(clientOf("v1").api.list(1)).rejects.toMatchObject({
      status: 0,
      message: "The service cannot be reached",
    });
  });

  it("is told when the answer takes too long", async () => {
    server.use(http.get(`${MOCKED}/api/v1/investigations/`, () => delay("infinite")));
    await expect(clientOf("v1", 50).api.list(1)).rejects.toThrow("did not answer in time");
  });
});

describe("while a release without version 2 takes over", () => {
  it("asks version 1 again and says so", async () => {
    answers("post", "/api/v2/investigations/", NOT_SERVED, 404);
    answers("post", "/api/v1/investigations/", ONE_V1, 201);
    const { api, events } = clientOf("v2");
    expect((await api.create(ORDER)).id).toBe(ID);
    expect(events.notServed).toHaveBeenCalledExactlyOnceWith("v2");
    expect(events.checked.mock.calls.flatMap(([exchange]) => exchange.violations)).toEqual([]);
  });

  it("an investigation that neither version has is missing, not the version", async () => {
    answers("get", "/api/v2/investigations/:id", { ...NOT_SERVED, message: "There is no such investigation" }, 404);
    answers("get", "/api/v1/investigations/:id", { ...NOT_SERVED, message: "There is no such investigation" }, 404);
    const { api, events } = clientOf("v2");
    await expect(api.read(ID)).rejects.toMatchObject({ status: 404, message: "There is no such investigation" });
    expect(events.notServed).not.toHaveBeenCalled();
  });

  it("any other refusal is not asked twice", async () => {
    answers("post", "/api/v2/investigations/", NOT_SERVED, 500);
    const again = answers("post", "/api/v1/investigations/", ONE_V1, 201);
    await expect(clientOf("v2").api.create(ORDER)).rejects.toMatchObject({ status: 500 });
    expect(again).toEqual([]);
  });
});
