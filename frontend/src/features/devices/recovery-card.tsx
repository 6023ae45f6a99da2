import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { useCore } from "@/core/store";
import { FormFailure } from "@/features/auth/form-failure";
import { dropKit, kitQuery } from "@/features/auth/kit";
import { SaveKitDialog } from "@/features/auth/save-kit-dialog";
import { useProblemText } from "@/i18n/problem-text";
import { useLocale } from "@/i18n/use-locale";
import { longDate } from "@/lib/format";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStepUpQuestion } from "./step-up";
import { useMakeRecoveryKey } from "./use-recovery-key";
import { CodesLeft, KitUnsaved } from "./kit-state";
import { StepUpCancelled } from "./use-step-up";

/** How the recovery kit stands: whether it is saved, its key with a new one, its codes. */
export function RecoveryCard() {
  const { t } = useTranslation();
  const locale = useLocale();
  const describe = useProblemText();
  const queries = useQueryClient();
  const own = useCore((state) => state.own);
  const live = useCore((state) => state.phase?.type === "live");
  const question = useStepUpQuestion();
  const [asking, setAsking] = useState(false);
  const { data: kit } = useQuery(kitQuery);
  const make = useMakeRecoveryKey();
  const { data: key, error } = make;
  const stands = own?.recovery ?? null;

  const begin = () => make.mutate({ asks: true }, { onSuccess: () => setAsking(false) });
  const state = stands
    ? t("recovery.since", { date: longDate(stands.stored_at, locale) })
    : t("recovery.none");

  return (
    <Card title={t("kit.pageTitle")} lead={t("recovery.kitLead")}>
      <KitUnsaved />
      {own ? (
        <div className="mt-3 flex flex-col gap-3 md:flex-row md:items-start md:justify-between">
          <div>
            <h3 className="font-medium">{t("recovery.title")}</h3>
            <p className="text-md text-text-2">{`${state} ${t("recovery.lead")}`}</p>
          </div>
          <div className="flex shrink-0 flex-col">
            <Button
              size="small"
              isDisabled={!live}
              isPending={make.isPending && !stands && question === null}
              onPress={stands ? () => setAsking(true) : begin}
            >
              {t(stands ? "recovery.renew" : "recovery.make")}
            </Button>
          </div>
        </div>
      ) : (
        <div role="status" aria-label={t("common.loading")} className="mt-3">
          <Skeleton className="h-9 w-full rounded-chip" />
        </div>
      )}
      {/* A key that waits to be saved was shown: the card above says what to do. */}
      {stands?.due && !kit?.key && (
        <div className="mt-3">
          <Notice>
            {t(stands.due === "revoked" ? "recovery.dueRevoked" : "recovery.dueInterrupted")}
          </Notice>
        </div>
      )}
      <CodesLeft />
      {!asking && (
        <FormFailure text={error && !(error instanceof StepUpCancelled) ? describe(error) : null} />
      )}
      <Dialog
        warns
        isOpen={asking && question === null}
        title={t("recovery.renewTitle")}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="primary" isPending={make.isPending} onPress={begin}>
              {t("recovery.renew")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t("recovery.renewText")}</p>
        <FormFailure text={error && !(error instanceof StepUpCancelled) ? describe(error) : null} />
      </Dialog>
      {key !== undefined && !make.isPending && (
        <SaveKitDialog
          kit={{ codes: [], key }}
          title={t("recovery.save")}
          lead={t("recovery.once")}
          onDone={() => {
            make.reset();
            void dropKit(queries);
          }}
          onLater={() => make.reset()}
        />
      )}
    </Card>
  );
}
