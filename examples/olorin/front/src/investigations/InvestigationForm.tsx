import { type FormEvent, useState } from "react";
import type { Investigation, InvestigationsApi } from "../api/investigations";
import { ApiProblem } from "../api/problem";
import { ENTITY_TYPES, type FieldErrors, fieldErrors, isOrder, orderOf } from "./order";

interface Props {
  readonly api: InvestigationsApi;
  readonly onCreated: (investigation: Investigation) => void;
}

/** Starts an investigation. What the service refuses is said at the field it is about. */
export function InvestigationForm({ api, onCreated }: Props) {
  const [sending, setSending] = useState(false);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [refusal, setRefusal] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const order = orderOf(new FormData(form));
    setRefusal(null);
    if (!isOrder(order)) return setErrors(order);
    setErrors({});
    setSending(true);
    try {
      onCreated(await api.create(order));
      form.reset();
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      const found = fieldErrors(problem);
      setErrors(found);
      if (Object.keys(found).length === 0) setRefusal(problem.message);
    } finally {
      setSending(false);
    }
  }

  return (
    <section className="card" aria-labelledby="new-investigation">
      <h2 id="new-investigation">New investigation</h2>
      <form onSubmit={submit} noValidate aria-busy={sending}>
        <div className="field">
          <label htmlFor="type">What is it?</label>
          <select id="type" name="type" aria-describedby={errors.type && "type-error"}>
            {Object.entries(ENTITY_TYPES).map(([type, name]) => (
              <option key={type} value={type}>
                {name}
              </option>
            ))}
          </select>
          <FieldError id="type-error" message={errors.type} />
        </div>
        <div className="field">
          <label htmlFor="entity">Entity</label>
          <input
            id="entity"
            name="entity"
            autoComplete="off"
            placeholder="alice@example.com"
            aria-required="true"
            aria-invalid={errors.entity !== undefined}
            aria-describedby={errors.entity && "entity-error"}
          />
          <FieldError id="entity-error" message={errors.entity} />
        </div>
        <fieldset className="period" aria-describedby={errors.period && "period-error"}>
          <legend>
            Period <span className="hint">(optional)</span>
          </legend>
          <div className="field">
            <label htmlFor="from">From</label>
            <input id="from" name="from" type="date" aria-invalid={errors.period !== undefined} />
          </div>
          <div className="field">
            <label htmlFor="to">To</label>
            <input id="to" name="to" type="date" aria-invalid={errors.period !== undefined} />
          </div>
          <FieldError id="period-error" message={errors.period} />
        </fieldset>
        {refusal && (
          <p className="field-error" role="alert">
            {refusal}
          </p>
        )}
        <button type="submit" disabled={sending}>
          {sending ? "Investigating…" : "Investigate"}
        </button>
      </form>
    </section>
  );
}

function FieldError({ id, message }: { id: string; message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <p className="field-error" id={id} role="alert">
      {message}
    </p>
  );
}
