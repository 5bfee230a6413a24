import { useCallback, useEffect, useState } from "react";
import type { ApiConfig } from "../api/config";
import { detectService, type Service } from "../api/version-detector";
import type { Logger } from "../log/logger";

/** Which release answers and what it serves: asked at the start, when the page is looked at again, and on demand. */
export function useService(config: ApiConfig, logger: Logger) {
  const [service, setService] = useState<Service | null>(null);

  const detect = useCallback(async () => {
    try {
      const found = await detectService(config);
      logger.debug("service detected", { ...found });
      setService(found);
    } catch (error) {
      logger.warn("service not detected", { reason: String(error) }); // what is known stays true until it is refuted
    }
  }, [config, logger]);

  useEffect(() => {
    const whenVisible = () => {
      if (document.visibilityState === "visible") void detect();
    };
    void detect();
    document.addEventListener("visibilitychange", whenVisible);
    return () => document.removeEventListener("visibilitychange", whenVisible);
  }, [detect]);

  return { service, detect };
}
