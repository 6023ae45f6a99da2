import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { Switch } from "@/components/ui/switch";
import type { OwnArchive } from "@/core/engine.gen";
import { setArchive } from "@/core/own";
import { useCore } from "@/core/store";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { DropArchive } from "./drop-archive";

/** The sealed archive on the server: whether there is one, and the end of it. */
export function ArchiveCard() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const archive = useCore((state) => state.own?.archive ?? null);
  const outdated = useCore((state) => state.own?.outdated ?? false);
  const live = useCore((state) => state.phase?.type === "live");
  const change = useMutation({ mutationFn: setArchive });
  // At once here, taken back when the server refuses.
  const on = change.isPending ? change.variables : archive?.on;

  return (
    <Card title={t("history.archive")} lead={t("history.lead")}>
      {archive ? (
        <div className="mt-1">
          <Switch
            label={t("history.keep")}
            isSelected={on ?? false}
            isDisabled={!live}
            onChange={(next) => !change.isPending && change.mutate(next)}
          >
            {t(on ? "history.onText" : "history.offText")}
          </Switch>
          <p role="status" className="text-md text-text-2">
            {stateOf(archive, t)}
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
      {outdated && (
        <div className="mt-3">
          <Notice>{t("history.outdated")}</Notice>
        </div>
      )}
      <FormFailure text={change.isError ? describe(change.error) : null} />
      <DropArchive live={live} />
    </Card>
  );
}

function stateOf({ on, waiting, filling }: OwnArchive, t: TFunction): string {
  if (!on) return t("history.stateOff");
  if (waiting > 0) return t("history.waiting", { count: waiting });
  return t(filling ? "history.filling" : "history.upToDate");
}
