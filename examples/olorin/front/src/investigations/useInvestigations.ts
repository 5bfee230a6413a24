import { useCallback, useEffect, useState } from "react";
import type { InvestigationsApi, InvestigationsPage } from "../api/investigations";
import type { ApiProblem } from "../api/problem";

const SHOWN = 20;

export type Listing =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly problem: ApiProblem }
  | { readonly state: "ready"; readonly page: InvestigationsPage };

/** The newest investigations; `reload` reads them again and leaves the old ones on the page meanwhile. */
export function useInvestigations(api: InvestigationsApi) {
  const [listing, setListing] = useState<Listing>({ state: "loading" });

  const reload = useCallback(
    async (signal?: AbortSignal) => {
      const next = await api.list(SHOWN).then(
        (page): Listing => ({ state: "ready", page }),
        (problem: ApiProblem): Listing => ({ state: "failed", problem }),
      );
      if (!signal?.aborted) setListing(next);
    },
    [api],
  );

  useEffect(() => {
    const left = new AbortController();
    void reload(left.signal);
    return () => left.abort();
  }, [reload]);

  return { listing, reload };
}
