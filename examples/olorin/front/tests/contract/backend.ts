/** The live backend of the contract suite: BACKEND_URL with INVESTIGATIONS_TOKEN, else the example service, started here. */
import type { TestProject } from "vitest/node";
import { startWorld } from "../world";

declare module "vitest" {
  interface ProvidedContext {
    backend: { readonly url: string; readonly token: string };
  }
}

export default async function setup(project: TestProject) {
  const { BACKEND_URL: url, INVESTIGATIONS_TOKEN: token } = process.env;
  if (url) {
    if (!token) throw new Error("BACKEND_URL is set: set INVESTIGATIONS_TOKEN to a JWT that it accepts");
    project.provide("backend", { url: new URL(url).origin, token });
    return;
  }
  const world = await startWorld({ alone: true });
  project.provide("backend", { url: world.backend, token: world.token });
  return () => world.stop();
}
