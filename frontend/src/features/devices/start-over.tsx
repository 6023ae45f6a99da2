import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { resetKeys } from "@/core/account";
import { onCoreEvent } from "@/core/core";
import { useCore } from "@/core/store";
import { FormFailure } from "@/features/auth/form-failure";
import { useUser } from "@/features/auth/session";
import { failureText } from "@/i18n/problem-text";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { stepUp } from "./step-up";

/** The last way: new keys, without what was written before. */
export function StartOver() {
  const { t } = useTranslation();
  const user = useUser();
  const [asking, setAsking] = useState(false);
  const refused = useCore((state) =>
    state.phase?.type === "refused" ? state.phase.failure : null,
  );
  const failed = refused !== null && refused.code !== "step-up-required";
  const start = () => {
    setAsking(false);
    void resetKeys(user.user_id);
  };
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
    <div className="flex flex-col gap-2 border-t border-line pt-4">
      <FormFailure text={failed ? failureText(refused, t) : null} />
      <p className="text-md text-text-2">{t("unlock.none")}</p>
      <Button wide onPress={() => setAsking(true)}>
        {t("unlock.start")}
      </Button>
      <Dialog
        warns
        title={t("unlock.confirmTitle")}
        isOpen={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="danger" onPress={start}>
              {t("unlock.confirm")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t("unlock.consequences")}</p>
      </Dialog>
    </div>
  );
}
