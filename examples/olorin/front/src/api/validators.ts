/** Do requests and answers keep to the contract? Every exchange is checked by the generated validators and reported. */
import type { Middleware } from "openapi-fetch";
import * as v1 from "./generated/v1/validators.js";
import * as v2 from "./generated/v2/validators.js";

export interface Violation {
  readonly path: string;
  readonly message: string;
  readonly keyword: string;
}

export interface Exchange {
  readonly operation: string;
  /** Status of the answer; null when it is the request that was checked. */
  readonly status: number | null;
  readonly violations: readonly Violation[];
}

export interface Validators {
  validateRequest(operation: string, body: unknown): Violation[];
  validateResponse(operation: string, status: number, body: unknown): Violation[];
}

export const validators: Readonly<Record<"v1" | "v2", Validators>> = { v1, v2 };

/** Tells `checked` about every body that is sent or received. Nothing is held back: the service judges a request. */
export function validating(contract: Validators, checked: (exchange: Exchange) => void): Middleware {
  return {
    async onRequest({ request, schemaPath }) {
      if (request.method === "GET") return;
      const operation = `${request.method} ${schemaPath}`;
      const violations = contract.validateRequest(operation, await request.clone().json());
      checked({ operation, status: null, violations });
    },
    async onResponse({ request, response, schemaPath }) {
      if (isNotServed(response, schemaPath)) return;
      const operation = `${request.method} ${schemaPath}`;
      const violations = contract.validateResponse(operation, response.status, await bodyOf(response.clone()));
      checked({ operation, status: response.status, violations });
    },
  };
}

/** A release without this version of the API answers 404 where its contract has none: that is not a broken promise. */
function isNotServed(response: Response, schemaPath: string): boolean {
  return response.status === 404 && !schemaPath.includes("{");
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
