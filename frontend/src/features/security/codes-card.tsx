import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { dropKit, keepKit, kitQuery } from "@/features/auth/kit";
import { SaveKitDialog } from "@/features/auth/save-kit-dialog";
import { useUser } from "@/features/auth/session";
import { useStepUp } from "@/features/devices/use-step-up";
import { isCancelled } from "@/features/settings/is-cancelled";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { factorsQuery } from "./queries";

/** So few that it is time for new ones. */
const FEW = 3;

/** How many backup codes are left, and new ones. */
export function CodesCard() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const user = useUser();
  const queries = useQueryClient();
  const { data } = useQuery(factorsQuery);
  const { confirmed, dialog } = useStepUp();
  const [asking, setAsking] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  const renew = useMutation({
    mutationFn: () => confirmed(api.renewRecoveryCodes),
    async onSuccess({ recovery_codes }) {
      setAsking(false);
      // The older ones are void from now on: a closed tab must not lose these.
      await keepKit(user.user_id, { codes: recovery_codes });
      void queries.invalidateQueries(kitQuery);
      setCodes(recovery_codes);
      void queries.invalidateQueries(factorsQuery);
    },
  });
  const left = data?.recovery_codes_left;

  return (
    <Card title={t("codes.title")} lead={t("kit.lead")}>
      {left !== undefined && (
        <div className="mt-3 flex flex-col gap-3 md:flex-row md:items-center md:justify-between">
          <p>{t("codes.left", { count: left })}</p>
          <Button size="small" onPress={() => setAsking(true)}>
            {t("codes.renew")}
          </Button>
        </div>
      )}
      {left !== undefined && left <= FEW && (
        <div className="mt-3">
          <Notice>{t("codes.few")}</Notice>
        </div>
      )}
      <Dialog
        warns
        isOpen={asking && dialog === null}
        title={t("codes.renewTitle")}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="primary" isPending={renew.isPending} onPress={() => renew.mutate()}>
              {t("codes.renew")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t("codes.renewText")}</p>
        <FormFailure
          text={renew.isError && !isCancelled(renew.error) ? describe(renew.error) : null}
        />
      </Dialog>
      {codes && (
        <SaveKitDialog
          kit={{ codes, key: null }}
          title={t("kit.saveCodes")}
          lead={t("codes.once")}
          onDone={() => {
            setCodes(null);
            void dropKit(queries);
          }}
          onLater={() => setCodes(null)}
        />
      )}
      {dialog}
    </Card>
  );
}
