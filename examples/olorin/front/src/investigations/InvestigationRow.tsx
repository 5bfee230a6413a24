import type { Investigation, InvestigationsApi } from "../api/investigations";
import { InvestigationDetails } from "./InvestigationDetails";
import { RiskBadge } from "./RiskBadge";

interface Props {
  readonly api: InvestigationsApi;
  readonly investigation: Investigation;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** A line of the list; opened, it shows the investigation as the service tells it now. */
export function InvestigationRow({ api, investigation, open, onToggle }: Props) {
  const { id, entity, score, level } = investigation;
  const region = `details-${id}`;
  return (
    <li>
      <button type="button" className="row" aria-expanded={open} aria-controls={region} onClick={onToggle}>
        <span className="row-name">{entity ? entity.id : id.slice(0, 8)}</span>
        <RiskBadge score={score} level={level} />
      </button>
      <div id={region} hidden={!open}>
        {open && <InvestigationDetails api={api} id={id} />}
      </div>
    </li>
  );
}
