import type { ApiVersion } from "../config/environment";

interface Props {
  readonly used: ApiVersion;
  readonly offered: readonly ApiVersion[];
  readonly onChoose: (version: ApiVersion) => void;
}

/** Chooses between the versions that are offered; with one there is nothing to choose. */
export function VersionSwitch({ used, offered, onChoose }: Props) {
  if (offered.length < 2) return null;
  return (
    <fieldset className="version-switch">
      <legend>API version</legend>
      {offered.map((version) => (
        <label key={version}>
          <input type="radio" name="version" checked={version === used} onChange={() => onChoose(version)} />
          <span>{version}</span>
        </label>
      ))}
    </fieldset>
  );
}
