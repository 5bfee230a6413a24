import { describe, expect, it } from "vitest";
import { EnvironmentInvalid, readEnvironment } from "./environment";

describe("the environment", () => {
  it("has a value for everything that is not set", () => {
    expect(readEnvironment({ REACT_APP_API_VERSION: "" })).toEqual({
      apiBaseUrl: "",
      apiVersion: "v1",
      requestTimeoutMs: 5000,
      enableV2Api: true,
      logLevel: "info",
    });
  });

  it.each([
    ["REACT_APP_API_BASE_URL", "https://api.example.com/", { apiBaseUrl: "https://api.example.com" }],
    ["REACT_APP_API_BASE_URL", "http://127.0.0.1:8001", { apiBaseUrl: "http://127.0.0.1:8001" }],
    ["REACT_APP_API_VERSION", "v2", { apiVersion: "v2" }],
    ["REACT_APP_REQUEST_TIMEOUT_MS", "250", { requestTimeoutMs: 250 }],
    ["ENABLE_V2_API", "false", { enableV2Api: false }],
    ["REACT_APP_LOG_LEVEL", "debug", { logLevel: "debug" }],
  ])("reads %s=%s", (name, value, expected) => {
    expect(readEnvironment({ [name]: value })).toMatchObject(expected);
  });

  it.each([
    ["REACT_APP_API_BASE_URL", "api.example.com"],
    ["REACT_APP_API_BASE_URL", "https://api.example.com/api/v1"],
    ["REACT_APP_API_BASE_URL", "https://me:secret@api.example.com"],
    ["REACT_APP_API_BASE_URL", "javascript:alert(1)"],
    ["REACT_APP_API_VERSION", "3"],
    ["REACT_APP_REQUEST_TIMEOUT_MS", "5s"],
    ["REACT_APP_REQUEST_TIMEOUT_MS", "0"],
    ["REACT_APP_REQUEST_TIMEOUT_MS", "1e9"],
    ["ENABLE_V2_API", "yes"],
    ["REACT_APP_LOG_LEVEL", "loud"],
  ])("refuses %s=%s by its name", (name, value) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(name);
  });

  it("tells all that is wrong at once", () => {
    const wrong = { REACT_APP_API_VERSION: "v9", REACT_APP_REQUEST_TIMEOUT_MS: "never" };
    try {
      readEnvironment(wrong);
      expect.unreachable();
    } catch (error) {
      expect((error as EnvironmentInvalid).faults.map(({ name }) => name)).toEqual(Object.keys(wrong));
    }
  });

  it("refuses to begin with a version that is switched off", () => {
    expect(() => readEnvironment({ REACT_APP_API_VERSION: "v2", ENABLE_V2_API: "false" })).toThrow("ENABLE_V2_API");
  });
});
