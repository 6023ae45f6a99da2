import { useCore } from "@/core/store";
import { isEnding, sessionQuery } from "@/features/auth/session";
import { forgetComposing } from "@/features/chat/composing";
import { forgetDrafts, loadDrafts, saveDrafts } from "@/features/chat/drafts";
import { LinkHost } from "@/features/devices/link-host";
import { forgetKnown, loadKnown } from "@/features/devices/new-devices";
import { StepUpHost } from "@/features/devices/step-up-host";
import { TabPage } from "@/features/devices/tab-page";
import { UnlockPage } from "@/features/devices/unlock-page";
import { useIdleLock } from "@/features/lock/use-idle-lock";
import { useLivePeople } from "@/features/people/use-live-people";
import { forgetChosen } from "@/features/files/chosen";
import { forgetOpened } from "@/features/pictures/opened";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { fetchAhead } from "./ahead";
import { FaultPage } from "./fault-page";
import { Shell } from "./shell";
import { useSessionWatch } from "./use-session-watch";

/** Everything behind the door: shows what the state of the account allows. */
export function Inside() {
  const { data: user } = useQuery(sessionQuery);
  const phase = useCore((state) => state.phase?.type ?? null);
  const active = useCore((state) => state.active);
  const fault = useCore((state) => state.fault);
  const lock = useCore((state) => state.lock?.type ?? null);
  useSessionWatch();
  useLivePeople();
  useIdleLock(lock === "open");
  const router = useRouter();
  const live = phase === "live";
  useEffect(() => (live ? fetchAhead(router) : undefined), [live, router]);

  useEffect(() => {
    void loadDrafts();
    void loadKnown();
    window.addEventListener("pagehide", saveDrafts);
    return () => {
      window.removeEventListener("pagehide", saveDrafts);
      forgetDrafts();
      forgetKnown();
      forgetComposing();
      forgetChosen();
      forgetOpened();
    };
  }, []);

  // On the way out: nothing below may ask who one is.
  if (!user) return null;
  if (fault) return <FaultPage fault={fault} />;
  // A moment later there may be nothing to show but a question.
  if (lock === null) return null;
  if (!active || phase === "displaced") return <TabPage displaced={active} />;
  // Who signs this browser out of the account is on the way out already.
  const revoked = phase === "revoked" && !isEnding();
  if (phase === "keys_elsewhere" || revoked || phase === "refused") {
    return (
      <>
        <UnlockPage />
        <StepUpHost />
      </>
    );
  }
  return (
    <>
      <Shell />
      <LinkHost />
      <StepUpHost />
    </>
  );
}
