/** Answers the page's requests inside the browser, for `npm run dev:mock`. */
import { setupWorker } from "msw/browser";
import type { Environment } from "../config/environment";
import { mockHandlers } from "./handlers";

export async function startMocks({ apiBaseUrl }: Environment): Promise<void> {
  await setupWorker(...mockHandlers(apiBaseUrl || window.location.origin)).start({ onUnhandledFrame: "bypass" });
}
