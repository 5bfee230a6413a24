import { useCallback, useMemo, useState } from "react";
import { createInvestigationsApi } from "../api/client";
import { apiConfig } from "../api/config";
import { sunsetOf } from "../api/deprecation";
import type { Exchange } from "../api/validators";
import { usableVersion } from "../api/version-detector";
import type { ApiVersion, Environment } from "../config/environment";
import type { Logger } from "../log/logger";
import { useService } from "./useService";

interface Options {
  readonly environment: Environment;
  readonly token: string | null;
  readonly logger: Logger;
  /** The service did not accept the token. */
  readonly onRefused: () => void;
}

/** The client for the version that is wanted and served, and what was learnt while it was used. */
export function useInvestigationsApi({ environment, token, logger, onRefused }: Options) {
  const config = useMemo(() => apiConfig(environment, token), [environment, token]);
  const { service, detect } = useService(config, logger);
  const [wanted, choose] = useState<ApiVersion>(environment.apiVersion);
  const [sunset, setSunset] = useState<Date | null>(null);
  const [broken, setBroken] = useState<Exchange | null>(null);

  const checked = useCallback(
    (exchange: Exchange) => {
      if (exchange.violations.length === 0) return;
      logger[exchange.status === null ? "warn" : "error"]("contract violated", { ...exchange });
      if (exchange.status !== null) setBroken(exchange); // what was sent is the service's to refuse
    },
    [logger],
  );

  const answered = useCallback(
    (response: Response) => {
      const at = sunsetOf(response.headers);
      setSunset((known) => (known?.getTime() === at?.getTime() ? known : at));
      if (response.status === 401) onRefused();
    },
    [onRefused],
  );

  const version = usableVersion(wanted, service, environment);
  const api = useMemo(() => {
    const notServed = (missing: ApiVersion) => {
      logger.warn("version not served", { version: missing });
      void detect();
    };
    return createInvestigationsApi(version, config, { answered, checked, notServed });
  }, [version, config, answered, checked, detect, logger]);

  return { api, service, detect, wanted, choose, sunset, broken, dismissBroken: () => setBroken(null) };
}
