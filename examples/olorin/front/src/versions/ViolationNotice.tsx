import type { Exchange } from "../api/validators";

/** Says that the service answered against its own contract, and where; what is shown may be wrong. */
export function ViolationNotice({ exchange, onDismiss }: { exchange: Exchange; onDismiss: () => void }) {
  return (
    <aside className="notice notice-error" role="alert">
      <div>
        <p>
          The service broke its contract: the answer {exchange.status} to <code>{exchange.operation}</code>
        </p>
        <ul>
          {exchange.violations.slice(0, 5).map(({ path, message }) => (
            <li key={path + message}>
              <code>{path || "/"}</code> {message}
            </li>
          ))}
        </ul>
      </div>
      <button type="button" className="quiet" onClick={onDismiss}>
        Dismiss
      </button>
    </aside>
  );
}
