import type { Environment } from "./config/environment";
import { Investigations } from "./investigations/Investigations";
import type { Logger } from "./log/logger";
import { SignIn } from "./session/SignIn";
import { useSession } from "./session/useSession";
import { DeprecationNotice } from "./versions/DeprecationNotice";
import { useInvestigationsApi } from "./versions/useInvestigationsApi";
import { VersionSwitch } from "./versions/VersionSwitch";
import { ViolationNotice } from "./versions/ViolationNotice";

export function App({ environment, logger }: { environment: Environment; logger: Logger }) {
  const session = useSession();
  const { token } = session;
  const use = useInvestigationsApi({ environment, token, logger, onRefused: session.refuse });
  const { api, service } = use;
  const offered = service?.versions.filter((version) => version === "v1" || environment.enableV2Api) ?? [];

  return (
    <>
      <header className="page-header">
        <div>
          <h1>Investigations</h1>
          <p className="hint">How risky is this entity?{service && ` Release ${service.release} answers.`}</p>
        </div>
        {token !== null && <VersionSwitch used={api.version} offered={offered} onChoose={use.choose} />}
      </header>
      {token === null ? (
        <SignIn refused={session.refused} onToken={session.signIn} />
      ) : (
        <>
          <div className="notices" role="status">
            {use.wanted !== api.version && (
              <p className="notice notice-info">
                The release that answers has no version 2 of the API. The page goes on with version 1.
              </p>
            )}
            {api.version === "v1" && use.sunset && (
              <DeprecationNotice sunset={use.sunset} onMove={offered.includes("v2") ? () => use.choose("v2") : null} />
            )}
          </div>
          {use.broken && <ViolationNotice exchange={use.broken} onDismiss={use.dismissBroken} />}
          <Investigations api={api} onRefresh={use.detect} />
        </>
      )}
    </>
  );
}
