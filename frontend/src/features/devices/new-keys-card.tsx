import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { resetKeys } from "@/core/account";
import { api } from "@/core/api";
import { useCore } from "@/core/store";
import { FormFailure } from "@/features/auth/form-failure";
import { useUser } from "@/features/auth/session";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { StepUpCancelled, useStepUp } from "./use-step-up";

/** New keys on a device in use: what to do when somebody else has one that knew the old ones. */
export function NewKeysCard() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const user = useUser();
  const live = useCore((state) => state.phase?.type === "live");
  const [asking, setAsking] = useState(false);
  const { confirmed, dialog } = useStepUp();
  const renew = useMutation({
    // The factor comes first: keys that the server does not take yet are no keys to be left with.
    mutationFn: async () => {
      await confirmed(api.askFactor);
      await resetKeys(user.user_id);
    },
    onSuccess: () => setAsking(false),
  });
  const failed = renew.isError && !(renew.error instanceof StepUpCancelled);
  return (
    <Card title={t("devices.renewTitle")} lead={t("devices.renewLead")}>
      <div className="mt-3 flex flex-col md:items-start">
        <Button
          look="warning"
          isDisabled={!live}
          onPress={() => {
            renew.reset();
            setAsking(true);
          }}
        >
          {t("devices.renew")}
        </Button>
      </div>
      <Dialog
        warns
        isOpen={asking && dialog === null}
        title={t("devices.renewQuestion")}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="danger" isPending={renew.isPending} onPress={() => renew.mutate()}>
              {t("devices.renew")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t("devices.renewText")}</p>
        <p>{t("devices.renewOthers")}</p>
        <FormFailure text={failed ? describe(renew.error) : null} />
      </Dialog>
      {dialog}
    </Card>
  );
}
