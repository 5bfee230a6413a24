import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { readEnvironment } from "../config/environment";
import { MOCKED, server } from "../mocks/server";
import { detectService, usableVersion } from "./version-detector";

const config = { baseUrl: MOCKED, token: "never sent", timeoutMs: 1000 };
const both = { release: "2.4.0", versions: ["v1", "v2"] } as const;

function answers(body: Record<string, unknown>, status = 200) {
  server.use(
    http.get(`${MOCKED}/health/ready`, ({ request }) => {
      expect(request.headers.has("authorization")).toBe(false);
      return HttpResponse.json({ status: "ok", version: "2.4.0", checks: [], ...body }, { status });
    }),
  );
}

describe("detection", () => {
  it("lists the versions it knows", async () => {
    answers({
      api_versions: [{ name: "v1" }, { name: "v2" }, { name: "v3" }].map((each) => ({ ...each, status: "current" })),
    });
    expect(await detectService(config)).toEqual(both);
  });

  it("takes a service that does not say for one with version 1", async () => {
    answers({});
    expect(await detectService(config)).toEqual({ release: "2.4.0", versions: ["v1"] });
  });

  it("reads the report of a service that is not ready", async () => {
    answers({ status: "failed", api_versions: [{ name: "v1", status: "current" }] }, 503);
    expect(await detectService(config)).toEqual({ release: "2.4.0", versions: ["v1"] });
  });

  it.each([
    ["cannot be reached", () => HttpResponse.error()],
    ["is another one", () => HttpResponse.text("<html>", { status: 502 })],
  ])("says so when the service %s", async (_, answer) => {
    server.use(http.get(`${MOCKED}/health/ready`, answer));
    await expect(detectService(config)).rejects.toThrow("does not tell its health");
  });
});

describe("the version in use", () => {
  it.each([
    ["v2", both, "true", "v2"],
    ["v1", both, "true", "v1"],
    ["v2", { ...both, versions: ["v1"] as const }, "true", "v1"],
    ["v2", null, "true", "v2"],
    ["v2", both, "false", "v1"],
  ] as const)("wanted %s, served %o, flag %s: %s", (wanted, service, flag, expected) => {
    expect(usableVersion(wanted, service, readEnvironment({ ENABLE_V2_API: flag }))).toBe(expected);
  });
});
