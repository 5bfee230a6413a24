/** Why did a call not succeed? One error for all causes: the service said so, it was too slow, it could not be reached. */
import type { components } from "./generated/v1/schema";

type ErrorResponse = components["schemas"]["ErrorResponse"];
type ErrorDetail = components["schemas"]["ErrorDetail"];

export class ApiProblem extends Error {
  constructor(
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    message: string,
    readonly details: readonly ErrorDetail[] = [],
  ) {
    super(message);
    this.name = "ApiProblem";
  }
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Returns what a call was answered, or throws an `ApiProblem`. */
export async function answered<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw withoutAnswer(cause);
  });
  if (data !== undefined) return data;
  if (isErrorResponse(error)) throw new ApiProblem(response.status, error.message, error.details);
  throw new ApiProblem(response.status, `The service answered with status ${response.status}`);
}

function withoutAnswer(cause: unknown): unknown {
  const { name } = cause as Error; // what `fetch` rejects with is told by its name alone
  if (name === "TimeoutError") return new ApiProblem(0, "The service did not answer in time");
  return name === "TypeError" ? new ApiProblem(0, "The service cannot be reached") : cause;
}

function isErrorResponse(body: unknown): body is ErrorResponse {
  return typeof body === "object" && body !== null && "message" in body && "details" in body;
}
