import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** Signs out everywhere but here. `count`: how many sessions that would end. */
export function EndOthers({ count, onDone }: { count: number; onDone: () => Promise<void> }) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const [asking, setAsking] = useState(false);
  const end = useMutation({
    mutationFn: api.endOtherSessions,
    onSuccess: () => setAsking(false),
    onSettled: onDone,
  });
  return (
    <>
      {count === 0 ? (
        <p className="mt-1 text-md text-text-2">{t("sessions.alone")}</p>
      ) : (
        <div className="mt-1 flex flex-col md:items-start">
          <Button look="warning" onPress={() => setAsking(true)}>
            {t("sessions.endOthers")}
          </Button>
        </div>
      )}
      <Dialog
        warns
        title={t("sessions.endOthersTitle")}
        isOpen={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="danger" isPending={end.isPending} onPress={() => end.mutate()}>
              {t("sessions.endOthers")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t("sessions.endOthersText", { count })}</p>
        <FormFailure text={end.isError ? describe(end.error) : null} />
      </Dialog>
    </>
  );
}
