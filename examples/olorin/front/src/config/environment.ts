/** Which settings does the page run with? Checked once, at its start: a wrong one is told in words, not by a blank page. */

export type ApiVersion = "v1" | "v2";
export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Environment {
  /** Origin of the API without a slash at its end; empty for the origin that serves the page. */
  readonly apiBaseUrl: string;
  /** The version the page begins with. */
  readonly apiVersion: ApiVersion;
  readonly requestTimeoutMs: number;
  readonly enableV2Api: boolean;
  readonly logLevel: LogLevel;
}

export interface Fault {
  readonly name: string;
  readonly message: string;
}

export class EnvironmentInvalid extends Error {
  constructor(readonly faults: readonly Fault[]) {
    super(faults.map(({ name, message }) => `${name}: ${message}`).join("; "));
    this.name = "EnvironmentInvalid";
  }
}

/** Reads the settings; throws `EnvironmentInvalid` with all that is wrong, not only the first. */
export function readEnvironment(source: Readonly<Record<string, unknown>>): Environment {
  const faults: Fault[] = [];

  function setting<T>(name: string, fallback: string, parse: (text: string) => T): T {
    const text = String(source[name] ?? "").trim() || fallback;
    try {
      return parse(text);
    } catch (error) {
      faults.push({ name, message: `${(error as Error).message}, not ${JSON.stringify(text)}` });
      return parse(fallback);
    }
  }

  const environment: Environment = {
    apiBaseUrl: setting("REACT_APP_API_BASE_URL", "/", origin),
    apiVersion: setting("REACT_APP_API_VERSION", "v1", oneOf("v1", "v2")),
    requestTimeoutMs: setting("REACT_APP_REQUEST_TIMEOUT_MS", "5000", milliseconds),
    enableV2Api: setting("ENABLE_V2_API", "true", oneOf("true", "false")) === "true",
    logLevel: setting("REACT_APP_LOG_LEVEL", "info", oneOf("debug", "info", "warn", "error")),
  };
  if (environment.apiVersion === "v2" && !environment.enableV2Api) {
    faults.push({ name: "REACT_APP_API_VERSION", message: "is v2, but ENABLE_V2_API is false" });
  }
  if (faults.length > 0) throw new EnvironmentInvalid(faults);
  return environment;
}

function origin(text: string): string {
  if (text === "/") return "";
  const url = URL.parse(text);
  const plain = url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash;
  if (!plain || url.pathname !== "/") throw new Error("must be / or an origin such as https://api.example.com");
  return url.origin;
}

function milliseconds(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 100 || number > 120_000) {
    throw new Error("must be a whole number from 100 to 120000");
  }
  return number;
}

function oneOf<const T extends string>(...allowed: readonly T[]): (text: string) => T {
  return (text) => {
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw new Error(`must be ${allowed.join(" or ")}`);
    return found;
  };
}
