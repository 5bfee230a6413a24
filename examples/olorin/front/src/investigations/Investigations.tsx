import { useState } from "react";
import type { Investigation, InvestigationsApi } from "../api/investigations";
import { InvestigationForm } from "./InvestigationForm";
import { InvestigationList } from "./InvestigationList";
import { useInvestigations } from "./useInvestigations";

interface Props {
  readonly api: InvestigationsApi;
  readonly onRefresh: () => void;
}

/** The form and the list: what was just started is read back and stands open at the top. */
export function Investigations({ api, onRefresh }: Props) {
  const { listing, reload } = useInvestigations(api);
  const [opened, setOpened] = useState<string | null>(null);

  async function showCreated(created: Investigation) {
    setOpened(created.id);
    await reload();
  }

  return (
    <main className="columns">
      <InvestigationForm api={api} onCreated={showCreated} />
      <InvestigationList
        api={api}
        listing={listing}
        opened={opened}
        onOpen={setOpened}
        onReload={() => {
          onRefresh();
          void reload();
        }}
      />
    </main>
  );
}
