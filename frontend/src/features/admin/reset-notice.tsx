import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useStepUp } from "@/features/devices/use-step-up";
import { displayName } from "@/features/people/names";
import { isCancelled } from "@/features/settings/is-cancelled";
import { useProblemText } from "@/i18n/problem-text";
import { useLocale } from "@/i18n/use-locale";
import { dateTime } from "@/lib/format";
import type { Account } from "@/protocol.gen";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { resetQuery } from "./queries";

/** A reset of second factors that was announced from here, and the way back. */
export function ResetNotice({ account }: { account: Account }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const describe = useProblemText();
  const queries = useQueryClient();
  const { confirmed, dialog } = useStepUp();
  const { data: reset } = useQuery(resetQuery(account.user_id));
  const keep = useMutation({
    mutationFn: () => confirmed(() => api.keepFactors(account.user_id)),
    onSuccess: () => queries.setQueryData(resetQuery(account.user_id).queryKey, null),
  });
  if (!reset) return null;
  const date = dateTime(Date.parse(reset.due_at), locale);
  return (
    <Notice announces>
      <div className="flex flex-col items-start gap-2">
        <p>{t("admin.resetDue", { name: displayName(account), date })}</p>
        <FormFailure
          text={keep.isError && !isCancelled(keep.error) ? describe(keep.error) : null}
        />
        <Button size="small" isPending={keep.isPending} onPress={() => keep.mutate()}>
          {t("admin.resetOff")}
        </Button>
      </div>
      {dialog}
    </Notice>
  );
}
