import { openAccount } from "@/core/account";
import { patchCore, useCore } from "@/core/store";
import { useUser } from "@/features/auth/session";
import { loadDrafts, saveDrafts } from "@/features/chat/drafts";
import { TabPage } from "@/features/devices/tab-page";
import { UnlockPage } from "@/features/devices/unlock-page";
import { useLivePeople } from "@/features/people/use-live-people";
import { useEffect } from "react";
import { FaultPage } from "./fault-page";
import { Shell } from "./shell";
import { useSessionWatch } from "./use-session-watch";

/** Everything behind the door: opens the account, then shows what its state allows. */
export function Inside() {
  const { user_id } = useUser();
  const phase = useCore((state) => state.phase?.type ?? null);
  const active = useCore((state) => state.active);
  const fault = useCore((state) => state.fault);
  useSessionWatch();
  useLivePeople();

  useEffect(() => {
    openAccount(user_id, true)
      .then(loadDrafts)
      .catch(() => patchCore({ fault: "engine" }));
    window.addEventListener("pagehide", saveDrafts);
    return () => window.removeEventListener("pagehide", saveDrafts);
  }, [user_id]);

  if (fault) return <FaultPage fault={fault} />;
  if (!active || phase === "displaced") return <TabPage displaced={active} />;
  if (phase === "keys_elsewhere" || phase === "revoked" || phase === "refused") {
    return <UnlockPage failed={phase === "refused"} />;
  }
  return <Shell />;
}
