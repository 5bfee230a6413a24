import type { Investigation } from "../api/investigations";

/** The score, and its level in a word where the version of the API tells it: never in colour alone. */
export function RiskBadge({ score, level }: Pick<Investigation, "score" | "level">) {
  return (
    <span className={`risk risk-${level ?? "unknown"}`}>
      <span className="visually-hidden">Risk </span>
      <strong>{score.toFixed(0)}</strong>
      {level && <span> {level}</span>}
    </span>
  );
}
