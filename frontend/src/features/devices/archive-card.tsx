import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { Switch } from "@/components/ui/switch";
import { api } from "@/core/api";
import { refreshOwn, setArchive } from "@/core/own";
import { useCore } from "@/core/store";
import { FormFailure } from "@/features/auth/form-failure";
import { SectionPage } from "@/features/settings/section-page";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { StepUpCancelled, useStepUp } from "./use-step-up";

/** The sealed archive on the server: whether there is one, and the end of it. */
export function HistoryPage() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const archive = useCore((state) => state.own?.archive ?? null);
  const live = useCore((state) => state.phase?.type === "live");
  const change = useMutation({ mutationFn: setArchive });
  useEffect(() => {
    if (live) refreshOwn();
  }, [live]);
  // At once here, taken back when the server refuses.
  const on = change.isPending ? change.variables : archive?.on;

  return (
    <SectionPage title={t("history.title")}>
      <Card title={t("history.archive")} lead={t("history.lead")}>
        {archive ? (
          <div className="mt-1">
            <Switch
              label={t("history.keep")}
              isSelected={on ?? false}
              isDisabled={!live || change.isPending}
              onChange={(next) => change.mutate(next)}
            >
              {t(on ? "history.onText" : "history.offText")}
            </Switch>
            <p role="status" className="text-md text-text-2">
              {!archive.on
                ? t("history.stateOff")
                : archive.waiting > 0
                  ? t("history.waiting", { count: archive.waiting })
                  : t("history.upToDate")}
            </p>
          </div>
        ) : (
          <div role="status" aria-label={t("common.loading")} className="py-4">
            <Skeleton className="h-10 w-full rounded-chip" />
          </div>
        )}
        {archive?.full && (
          <div className="mt-3">
            <Notice>{t("history.full")}</Notice>
          </div>
        )}
        <FormFailure text={change.isError ? describe(change.error) : null} />
      </Card>
      <DropCard live={live} />
    </SectionPage>
  );
}

function DropCard({ live }: { live: boolean }) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const { confirmed, dialog } = useStepUp();
  const [asking, setAsking] = useState(false);
  const drop = useMutation({
    mutationFn: () => confirmed(api.dropArchive),
    onSuccess: () => setAsking(false),
  });
  const failed = drop.isError && !(drop.error instanceof StepUpCancelled);
  return (
    <Card title={t("history.drop")} lead={t("history.dropLead")}>
      {drop.isSuccess && (
        <div className="mt-3">
          <Notice tone="calm" announces>
            {t("history.dropped")}
          </Notice>
        </div>
      )}
      <div className="mt-3 flex flex-col md:items-start">
        <Button
          look="warning"
          isDisabled={!live}
          onPress={() => {
            drop.reset();
            setAsking(true);
          }}
        >
          {t("history.drop")}
        </Button>
      </div>
      <Dialog
        warns
        isOpen={asking && dialog === null}
        title={t("history.dropTitle")}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="danger" isPending={drop.isPending} onPress={() => drop.mutate()}>
              {t("history.dropAction")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t("history.dropText")}</p>
        <FormFailure text={failed ? describe(drop.error) : null} />
      </Dialog>
      {dialog}
    </Card>
  );
}
