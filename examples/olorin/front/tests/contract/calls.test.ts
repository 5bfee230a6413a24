/** Every call the page makes, to a live backend and to the mocks: requests and answers keep to the contract. */
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { detectService } from "../../src/api/version-detector";
import { mockHandlers } from "../../src/mocks/handlers";
import { caller, ORDER, told, violated } from "./calls";

const backend = inject("backend");
const mocked = { url: "http://mocked.test", token: "any" };
const mocks = setupServer(...mockHandlers(mocked.url));
const { versions } = await detectService({ baseUrl: backend.url, token: null, timeoutMs: 10_000 });

beforeAll(() => mocks.listen({ onUnhandledFrame: "bypass" }));
afterAll(() => mocks.close());

describe.each([
  { where: "the live backend", ...backend },
  { where: "the mocks", ...mocked },
])("$where", ({ where, url, token }) => {
  describe.each(["v1", "v2"] as const)("version %s", (version) => {
    const path = `/api/${version}/investigations/`;
    const missing = where === "the live backend" && !versions.includes(version);

    it.skipIf(missing)("creates an investigation that can be read back", async () => {
      const { api, exchanges } = caller(version, url, token);
      const created = await api.create(ORDER);
      const read = await api.read(created.id);
      expect(told(exchanges)).toEqual([`POST ${path}`, `201 POST ${path}`, `200 GET ${path}{investigation_id}`]);
      expect(violated(exchanges)).toEqual([]);
      if (where === "the live backend") expect(read).toEqual(created);
    });

    it.skipIf(missing)("lists a part of the investigations", async () => {
      const { api, exchanges } = caller(version, url, token);
      const { items, total } = await api.list(2);
      expect(told(exchanges)).toEqual([`200 GET ${path}`]);
      expect(violated(exchanges)).toEqual([]);
      expect(total).toBeGreaterThanOrEqual(items.length);
      expect(items.every(({ score }) => score >= 0 && score <= 100)).toBe(true);
    });
  });

  it("tells which versions it serves", async () => {
    const service = await detectService({ baseUrl: url, token: null, timeoutMs: 10_000 });
    expect(service.release).toMatch(/^\d/);
    expect(service.versions).toContain("v1");
  });
});

describe.each(["v1", "v2"] as const)("what the live backend refuses, version %s", (version) => {
  const missing = !versions.includes(version);
  const path = `/api/${version}/investigations/`;

  it.skipIf(missing)("a request that violates the contract, which the validators see before it is sent", async () => {
    const { api, exchanges } = caller(version, backend.url, backend.token);
    await expect(api.create({ ...ORDER, id: "x".repeat(257) })).rejects.toMatchObject({ status: 422 });
    expect(told(exchanges)).toEqual([`POST ${path}`, `422 POST ${path}`]);
    expect(told(violated(exchanges))).toEqual([`POST ${path}`]);
    expect(violated(exchanges)[0]?.violations[0]?.keyword).toBe("maxLength");
  });

  it.skipIf(missing).each([
    { what: "a stranger", token: null, status: 401, call: "list" as const },
    { what: "a wrong token", token: "not.a.token", status: 401, call: "list" as const },
    { what: "an unknown id", token: backend.token, status: 404, call: "read" as const },
  ])("$what, with the documented error", async ({ token, status, call }) => {
    const { api, exchanges } = caller(version, backend.url, token);
    const asked = call === "list" ? api.list(1) : api.read("00000000-0000-0000-0000-000000000000");
    await expect(asked).rejects.toMatchObject({ status });
    expect(exchanges[0]?.status).toBe(status);
    expect(violated(exchanges)).toEqual([]);
  });
});

describe("deprecation", () => {
  it.skipIf(!versions.includes("v2"))(
    "is told by version 1 wherever version 2 is served, and not by version 2",
    async () => {
      for (const [version, deprecated] of [
        ["v1", true],
        ["v2", false],
      ] as const) {
        const { api, responses } = caller(version, backend.url, backend.token);
        await api.list(1);
        for (const name of ["Deprecation", "Sunset", "Link"]) {
          expect(responses.every(({ headers }) => headers.has(name) === deprecated)).toBe(true);
        }
      }
    },
  );
});
