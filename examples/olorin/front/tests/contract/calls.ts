/** The page's own client, with everything it sent and was sent, as the validators judged it. */
import { createInvestigationsApi } from "../../src/api/client";
import type { InvestigationOrder } from "../../src/api/investigations";
import type { Exchange } from "../../src/api/validators";
import type { ApiVersion } from "../../src/config/environment";

export const ORDER: InvestigationOrder = {
  id: "contract-suite@example.com",
  type: "email",
  period: { from: new Date("2026-01-01"), to: new Date("2026-01-31") },
};

export function caller(version: ApiVersion, baseUrl: string, token: string | null) {
  const exchanges: Exchange[] = [];
  const responses: Response[] = [];
  const api = createInvestigationsApi(
    version,
    { baseUrl, token, timeoutMs: 10_000 },
    {
      checked: (exchange) => void exchanges.push(exchange),
      answered: (response) => void responses.push(response),
      notServed: (missing) => {
        throw new Error(`${missing} is not served`);
      },
    },
  );
  return { api, exchanges, responses };
}

/** What was exchanged, as `POST /path` and `201 POST /path`. */
export function told(exchanges: readonly Exchange[]): string[] {
  return exchanges.map(({ status, operation }) => (status === null ? operation : `${status} ${operation}`));
}

export function violated(exchanges: readonly Exchange[]): readonly Exchange[] {
  return exchanges.filter(({ violations }) => violations.length > 0);
}
