// @vitest-environment jsdom
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { delay, http, HttpResponse, type JsonBodyType } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { App } from "./App";
import { readEnvironment } from "./config/environment";
import { MOCKED, server } from "./mocks/server";

const ID = "5b0a9c1e-7d3f-4e62-9a41-0c6d2f8e1a01";
const TIMES = { created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };
const ONE = { investigation_id: ID, status: "completed", risk_score: 42.5, ...TIMES };
const EMPTY = { items: [], total: 0, limit: 20, offset: 0 };
const SUNSET = { Sunset: "Wed, 30 Jun 2027 00:00:00 GMT" };
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

function open({ token = "t.o.k", ...settings }: Record<string, string> = {}) {
  if (token) sessionStorage.setItem("investigations-token", token);
  const environment = readEnvironment({ REACT_APP_API_BASE_URL: MOCKED, ...settings });
  render(<App environment={environment} logger={logger} />);
  return userEvent.setup();
}

function answers(method: "get" | "post", path: string, body: JsonBodyType, init: ResponseInit = {}) {
  server.use(http[method](`${MOCKED}${path}`, () => HttpResponse.json(body, init)));
}

function serves(...versions: string[]) {
  const told = versions.map((name) => ({ name, status: "current", sunset: null }));
  answers("get", "/health/ready", { status: "ok", version: "2.4.0", checks: [], api_versions: told });
}

afterEach(() => {
  cleanup();
  sessionStorage.clear();
  vi.clearAllMocks();
});

describe("the session", () => {
  it("begins with a token, which stays in the tab and out of the log", async () => {
    const user = open({ token: "" });
    await user.type(screen.getByLabelText("Token"), "my.own.token");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "Latest" })).toBeTruthy();
    expect(sessionStorage.getItem("investigations-token")).toBe("my.own.token");
    expect(JSON.stringify(Object.values(logger).map((level) => level.mock.calls))).not.toContain("my.own.token");
  });

  it("is asked for again when the service refuses the token", async () => {
    answers(
      "get",
      "/api/v1/investigations/",
      { error: "unauthorized", message: "expired", details: [] },
      { status: 401 },
    );
    open();
    expect(await screen.findByText(/did not accept the token/)).toBeTruthy();
    expect(sessionStorage.getItem("investigations-token")).toBeNull();
  });
});

describe("the list", () => {
  it("says that it is being read", async () => {
    server.use(http.get(`${MOCKED}/api/v1/investigations/`, () => delay("infinite")));
    open();
    expect(await screen.findByText("Reading the list…")).toBeTruthy();
  });

  it("says that there is nothing yet", async () => {
    answers("get", "/api/v1/investigations/", EMPTY);
    open();
    expect(await screen.findByText(/Nothing was investigated yet/)).toBeTruthy();
  });

  it("says why it cannot be read, and reads it again when asked", async () => {
    server.use(http.get(`${MOCKED}/api/v1/investigations/`, () => HttpResponse.error(), { once: true }));
    answers("get", "/api/v1/investigations/", EMPTY);
    server.use(http.get(`${MOCKED}/api/v1/investigations/`, () => HttpResponse.error(), { once: true }));
    const user = open();
    expect(await screen.findByText("The service cannot be reached")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText(/Nothing was investigated yet/)).toBeTruthy();
  });

  it("opens one as the service tells it now, by keyboard", async () => {
    answers("get", "/api/v1/investigations/", { ...EMPTY, items: [ONE], total: 1 });
    answers("get", "/api/v1/investigations/:id", { ...ONE, status: "running" });
    const user = open();
    const row = await screen.findByRole("button", { name: /5b0a9c1e/ });
    row.focus();
    await user.keyboard("{Enter}");
    expect(await screen.findByText("running")).toBeTruthy();
    expect(row.getAttribute("aria-expanded")).toBe("true");
  });
});

describe("the form", () => {
  it("starts an investigation and opens it", async () => {
    answers("post", "/api/v1/investigations/", ONE, { status: 201 });
    answers("get", "/api/v1/investigations/", { ...EMPTY, items: [ONE], total: 1 });
    answers("get", "/api/v1/investigations/:id", ONE);
    const user = open();
    const entity = screen.getByLabelText<HTMLInputElement>("Entity");
    await user.type(entity, "a@b.c");
    await user.click(screen.getByRole("button", { name: "Investigate" }));
    expect(await screen.findByText("42.50 of 100")).toBeTruthy();
    expect(entity.value).toBe("");
  });

  it("asks nobody when something is missing", async () => {
    const user = open();
    await user.click(screen.getByRole("button", { name: "Investigate" }));
    const entity = screen.getByLabelText("Entity");
    expect(entity.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(entity.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
      "Say which entity to investigate",
    );
  });

  it("tells a refusal at its field and keeps what was typed", async () => {
    const details = [{ location: "body.entity_id", message: "too long for us" }];
    answers("post", "/api/v1/investigations/", { error: "validation_failed", message: "1", details }, { status: 422 });
    const user = open();
    const entity = screen.getByLabelText<HTMLInputElement>("Entity");
    await user.type(entity, "a@b.c");
    await user.click(screen.getByRole("button", { name: "Investigate" }));
    expect(await screen.findByText("too long for us")).toBeTruthy();
    expect(entity.value).toBe("a@b.c");
  });

  it("tells what is not about a field above its button", async () => {
    answers(
      "post",
      "/api/v1/investigations/",
      { error: "timeout", message: "took too long", details: [] },
      { status: 504 },
    );
    const user = open();
    await user.type(screen.getByLabelText("Entity"), "a@b.c");
    await user.click(screen.getByRole("button", { name: "Investigate" }));
    expect((await screen.findByText("took too long")).getAttribute("role")).toBe("alert");
  });
});

describe("versions", () => {
  it("says until when version 1 is served, and moves to version 2 when asked", async () => {
    serves("v1", "v2");
    answers("get", "/api/v1/investigations/", EMPTY, { headers: SUNSET });
    const user = open();
    const notice = within(await screen.findByRole("complementary", { name: "Deprecation" }));
    expect(notice.getByText("30 June 2027")).toBeTruthy();
    await user.click(await notice.findByRole("button", { name: "Use version 2" }));
    expect((await screen.findByLabelText<HTMLInputElement>("v2")).checked).toBe(true);
    expect(screen.queryByRole("complementary", { name: "Deprecation" })).toBeNull();
  });

  it("has nothing to choose where the service or the flag has one version", async () => {
    serves("v1", "v2");
    answers("get", "/api/v1/investigations/", EMPTY, { headers: SUNSET });
    open({ ENABLE_V2_API: "false" });
    expect(await screen.findByText("30 June 2027")).toBeTruthy();
    expect(await screen.findByText(/Release 2.4.0/)).toBeTruthy();
    expect(screen.queryByRole("group", { name: "API version" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Use version 2" })).toBeNull();
  });

  it("goes on with version 1 when a release without version 2 takes over", async () => {
    serves("v1", "v2");
    const user = open({ REACT_APP_API_VERSION: "v2" });
    expect((await screen.findByLabelText<HTMLInputElement>("v2")).checked).toBe(true);
    serves("v1");
    answers("get", "/api/v2/investigations/", { error: "not_found", message: "", details: [] }, { status: 404 });
    await user.click(screen.getByRole("button", { name: "Refresh" }));
    expect(await screen.findByText(/has no version 2 of the API/)).toBeTruthy();
    expect(screen.queryByText(/cannot be reached|broke its contract/)).toBeNull();
  });
});

it("shows and logs an answer that breaks the contract", async () => {
  answers("get", "/api/v1/investigations/", { ...EMPTY, items: [{ ...ONE, risk_score: 142 }], total: 1 });
  const user = open();
  expect(await screen.findByText(/broke its contract/)).toBeTruthy();
  expect(screen.getByText("/items/0/risk_score")).toBeTruthy();
  expect(logger.error).toHaveBeenCalledWith("contract violated", expect.objectContaining({ status: 200 }));
  await user.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByText(/broke its contract/)).toBeNull();
});
