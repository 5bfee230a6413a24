import { useEffect, useState } from "react";
import type { Investigation, InvestigationsApi } from "../api/investigations";
import type { ApiProblem } from "../api/problem";

/** One investigation as the service tells it now; null while it is read. */
export function useInvestigation(api: InvestigationsApi, id: string): Investigation | ApiProblem | null {
  const [found, setFound] = useState<Investigation | ApiProblem | null>(null);

  useEffect(() => {
    let left = false;
    api.read(id).then(
      (investigation) => !left && setFound(investigation),
      (problem: ApiProblem) => !left && setFound(problem),
    );
    return () => {
      left = true;
    };
  }, [api, id]);

  return found;
}
