import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { dropArchive } from "@/core/own";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { confirmed } from "./confirmed";
import { useStepUpQuestion } from "./step-up";
import { StepUpCancelled } from "./use-step-up";

/** Erases what the archive holds, after a question and a fresh second factor. */
export function DropArchive({ live }: { live: boolean }) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const question = useStepUpQuestion();
  const [asking, setAsking] = useState(false);
  const drop = useMutation({
    mutationFn: () => confirmed(dropArchive),
    onSuccess: () => setAsking(false),
  });
  const failed = drop.isError && !(drop.error instanceof StepUpCancelled);
  return (
    <div className="mt-4 flex flex-col gap-3 border-t border-line pt-4">
      <p className="text-md text-text-2">{t("history.dropLead")}</p>
      {drop.isSuccess && (
        <Notice tone="calm" announces>
          {t("history.dropped")}
        </Notice>
      )}
      <div className="flex flex-col md:items-start">
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
        isOpen={asking && question === null}
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
    </div>
  );
}
