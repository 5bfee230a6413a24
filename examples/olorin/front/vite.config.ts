import react from "@vitejs/plugin-react";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

/** The page calls its own origin; whoever serves it hands the API's paths on to BACKEND_URL. */
function toBackend(backend: string) {
  return { "/api": backend, "/health": backend };
}

/** A token for the development server alone: whatever a build contains, everybody can read. */
function devToken(command: "build" | "serve", mode: string, token: string | undefined): string | null {
  if (mode === "mock") return "any";
  return command === "serve" && mode === "development" ? (token ?? null) : null;
}

export default defineConfig(({ command, mode }) => {
  const outside = loadEnv(mode, import.meta.dirname, ["BACKEND_URL", "INVESTIGATIONS_TOKEN"]);
  const proxy = mode === "mock" ? {} : toBackend(outside.BACKEND_URL ?? "http://127.0.0.1:10000");
  return {
    plugins: [react()],
    define: { __DEV_TOKEN__: JSON.stringify(devToken(command, mode, outside.INVESTIGATIONS_TOKEN)) },
    envPrefix: ["REACT_APP_", "ENABLE_"],
    server: { host: "127.0.0.1", port: 5173, proxy },
    preview: { host: "127.0.0.1", port: 4173, proxy },
    build: { sourcemap: true },
    test: {
      projects: [
        {
          extends: true,
          test: {
            name: "unit",
            include: ["src/**/*.test.{ts,tsx}"],
            environment: "node", // tests of components ask for jsdom
            setupFiles: ["src/mocks/setup.ts"],
          },
        },
        {
          extends: true,
          test: {
            name: "contract",
            include: ["tests/contract/**/*.test.ts"],
            environment: "node",
            globalSetup: ["tests/contract/backend.ts"],
          },
        },
      ],
    },
  };
});
