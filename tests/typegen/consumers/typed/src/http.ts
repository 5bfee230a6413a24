// A client whose calls are checked by the document: method, path, parameters, body and answer.
import type { paths } from "./api/schema";

type Operation<P extends keyof paths, M extends string> = paths[P] extends Record<M, infer O> ? O : never;
type PathsWith<M extends string> = { [P in keyof paths]: [Operation<P, M>] extends [never] ? never : P }[keyof paths];
type Given<O, K extends string> = O extends { parameters: infer Q } ? Pick<Q, K & keyof Q> : object;
type Sent<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? { body: B } : object;
type Success<O> = O extends { responses: infer R } ? R[keyof R & (200 | 201)] : never;
type Answer<O> = Success<O> extends { content: { "application/json": infer A } } ? A : undefined;
type Options<O> = Given<O, "query"> & Given<O, "path"> & Sent<O>;

export async function call<M extends "get" | "post" | "delete", P extends PathsWith<M>>(
  base: string,
  method: M,
  path: P,
  options: Options<Operation<P, M>>,
): Promise<Answer<Operation<P, M>>> {
  const given = options as { query?: Record<string, unknown>; path?: Record<string, unknown>; body?: unknown };
  const filled = String(path).replace(/{(\w+)}/g, (_, name: string) => String(given.path?.[name]));
  const query = new URLSearchParams(Object.entries(given.query ?? {}).map(([name, value]) => [name, String(value)]));
  const init: RequestInit = { method: method.toUpperCase(), headers: { "content-type": "application/json" } };
  if (given.body !== undefined) init.body = JSON.stringify(given.body);
  const answer = await fetch(`${base}${filled}?${query}`, init);
  if (!answer.ok) throw new Error(`${method} ${filled}: ${answer.status}`);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer<Operation<P, M>>;
}
