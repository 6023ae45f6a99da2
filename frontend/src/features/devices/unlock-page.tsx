import { Lamp } from "@/components/drawings/lamp";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { resetKeys } from "@/core/account";
import { onCoreEvent } from "@/core/core";
import { useCore } from "@/core/store";
import { AuthCard } from "@/features/auth/auth-card";
import { AuthLayout } from "@/features/auth/auth-layout";
import { useUser } from "@/features/auth/session";
import { SignOutDialog } from "@/features/auth/sign-out-dialog";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { stepUp } from "./step-up";

/** This browser has no keys for the account: says so plainly, and leaves two ways that both work. */
export function UnlockPage() {
  const { t } = useTranslation();
  const user = useUser();
  const [asking, setAsking] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const start = () => {
    setAsking(false);
    void resetKeys(user.user_id);
  };
  const refused = useCore((state) =>
    state.phase?.type === "refused" ? state.phase.failure : null,
  );
  const failed = refused !== null && refused.code !== "step-up-required";
  const refusal = useEffectEvent(async (code: string) => {
    if (code === "step-up-required" && (await stepUp())) start();
  });
  useEffect(
    () =>
      onCoreEvent((event) => {
        if (event.type !== "notices") return;
        const phase = event.notices.findLast((notice) => notice.type === "phase")?.phase;
        if (phase?.type === "refused") void refusal(phase.failure.code);
      }),
    [],
  );

  return (
    <AuthLayout>
      <AuthCard pageTitle={t("unlock.pageTitle")} title={t("unlock.title")} lead={t("unlock.lead")}>
        <div className="flex flex-col items-center gap-5">
          <Lamp />
          <p className="text-text-2">{t("unlock.other")}</p>
          {failed && (
            <p role="alert" className="text-md text-danger">
              {t("problems.unknown")}
            </p>
          )}
          <div className="flex w-full flex-col gap-2">
            <Button look="primary" wide onPress={() => setAsking(true)}>
              {t("unlock.start")}
            </Button>
            <Button look="quiet" wide onPress={() => setLeaving(true)}>
              {t("signOut.action")}
            </Button>
          </div>
        </div>
      </AuthCard>
      <Dialog
        warns
        title={t("unlock.confirmTitle")}
        isOpen={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="primary" onPress={start}>
              {t("unlock.confirm")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t("unlock.consequences")}</p>
      </Dialog>
      <SignOutDialog isOpen={leaving} onClose={() => setLeaving(false)} />
    </AuthLayout>
  );
}
