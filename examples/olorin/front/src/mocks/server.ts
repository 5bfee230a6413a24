/** Answers requests inside Node, for tests. */
import { setupServer } from "msw/node";
import { mockHandlers } from "./handlers";

export const MOCKED = "http://mocked.test";
export const server = setupServer(...mockHandlers(MOCKED));
