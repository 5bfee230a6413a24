import type { InvestigationsApi } from "../api/investigations";
import { ApiProblem } from "../api/problem";
import { ENTITY_TYPES } from "./order";
import { useInvestigation } from "./useInvestigation";

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** One investigation, read back from the service. */
export function InvestigationDetails({ api, id }: { api: InvestigationsApi; id: string }) {
  const found = useInvestigation(api, id);
  if (found === null) return <p role="status">Reading…</p>;
  if (found instanceof ApiProblem) {
    return (
      <p className="field-error" role="alert">
        {found.message}
      </p>
    );
  }
  return (
    <dl className="details">
      <dt>Id</dt>
      <dd>
        <code>{found.id}</code>
      </dd>
      <dt>Status</dt>
      <dd>{found.status}</dd>
      <dt>Risk</dt>
      <dd>{found.score.toFixed(2)} of 100</dd>
      {found.entity && (
        <>
          <dt>Entity</dt>
          <dd>{found.entity.id}</dd>
          <dt>Kind</dt>
          <dd>{ENTITY_TYPES[found.entity.type]}</dd>
        </>
      )}
      {found.factors.length > 0 && (
        <>
          <dt>Factors</dt>
          <dd>{found.factors.join(", ").replaceAll("_", " ")}</dd>
        </>
      )}
      <dt>Created</dt>
      <dd>
        <time dateTime={found.createdAt.toISOString()}>{moment.format(found.createdAt)}</time>
      </dd>
    </dl>
  );
}
