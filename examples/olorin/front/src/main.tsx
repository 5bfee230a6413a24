import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { EnvironmentErrorPage } from "./config/EnvironmentErrorPage";
import { EnvironmentInvalid, readEnvironment } from "./config/environment";
import { createLogger } from "./log/logger";
import "./styles.css";

async function start(): Promise<void> {
  const root = createRoot(document.getElementById("root") as HTMLElement);
  try {
    const environment = readEnvironment(import.meta.env);
    const logger = createLogger(environment.logLevel);
    if (import.meta.env.MODE === "mock") await (await import("./mocks/browser")).startMocks(environment);
    logger.info("page started", { ...environment });
    root.render(
      <StrictMode>
        <App environment={environment} logger={logger} />
      </StrictMode>,
    );
  } catch (error) {
    if (!(error instanceof EnvironmentInvalid)) throw error;
    createLogger("error").error("environment invalid", { faults: error.faults });
    root.render(<EnvironmentErrorPage error={error} />);
  }
}

void start();
