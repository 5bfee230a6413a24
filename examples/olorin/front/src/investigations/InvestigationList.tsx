import type { InvestigationsApi } from "../api/investigations";
import { InvestigationRow } from "./InvestigationRow";
import type { Listing } from "./useInvestigations";

interface Props {
  readonly api: InvestigationsApi;
  readonly listing: Listing;
  readonly opened: string | null;
  readonly onOpen: (id: string | null) => void;
  readonly onReload: () => void;
}

/** The newest investigations: while they are read, when they cannot be, when there are none, and as they are. */
export function InvestigationList({ api, listing, opened, onOpen, onReload }: Props) {
  return (
    <section className="card" aria-labelledby="investigations">
      <header className="list-header">
        <h2 id="investigations">Latest</h2>
        {listing.state === "ready" && <span className="hint">{listing.page.total} in all</span>}
        <button type="button" className="quiet" onClick={onReload}>
          Refresh
        </button>
      </header>
      {listing.state === "loading" && (
        <p className="skeleton" role="status">
          Reading the list…
        </p>
      )}
      {listing.state === "failed" && (
        <div className="state" role="alert">
          <p>{listing.problem.message}</p>
          <button type="button" onClick={onReload}>
            Try again
          </button>
        </div>
      )}
      {listing.state === "ready" && listing.page.items.length === 0 && (
        <p className="state">Nothing was investigated yet. Start with an e-mail address, a phone or a device.</p>
      )}
      {listing.state === "ready" && listing.page.items.length > 0 && (
        <ul className="rows">
          {listing.page.items.map((investigation) => (
            <InvestigationRow
              key={investigation.id}
              api={api}
              investigation={investigation}
              open={investigation.id === opened}
              onToggle={() => onOpen(investigation.id === opened ? null : investigation.id)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}
