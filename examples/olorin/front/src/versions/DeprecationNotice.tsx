interface Props {
  readonly sunset: Date;
  /** Moves to the version that follows; null when the page may not. */
  readonly onMove: (() => void) | null;
}

const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** Says that the version in use ends, and when. */
export function DeprecationNotice({ sunset, onMove }: Props) {
  return (
    <aside className="notice notice-warning" aria-label="Deprecation">
      <p>
        This page uses version 1 of the API, which ends on{" "}
        <time dateTime={sunset.toISOString()}>{day.format(sunset)}</time>.
      </p>
      {onMove && (
        <button type="button" className="quiet" onClick={onMove}>
          Use version 2
        </button>
      )}
    </aside>
  );
}
