import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useStepUp } from "@/features/devices/use-step-up";
import { isCancelled } from "@/features/settings/is-cancelled";
import { useProblemText } from "@/i18n/problem-text";
import type { Factor } from "@/protocol.gen";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

interface RemoveFactorDialogProps {
  factor: Factor;
  /** There is no other. */
  isLast: boolean;
  onDone: () => void;
  onClose: () => void;
}

/** Says what follows, and that the last one stays. */
export function RemoveFactorDialog({ factor, isLast, onDone, onClose }: RemoveFactorDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const { confirmed, dialog } = useStepUp();
  const remove = useMutation({
    mutationFn: () => confirmed(() => api.removeFactor(factor.factor_id)),
    onSuccess: onDone,
  });
  const { label } = factor;
  return (
    <>
      <Dialog
        warns
        // One question at a time.
        isOpen={dialog === null}
        title={t(isLast ? "factors.lastTitle" : "factors.removeTitle", { label })}
        onClose={onClose}
        actions={
          isLast ? (
            <Button look="primary" onPress={onClose}>
              {t("common.close")}
            </Button>
          ) : (
            <>
              <Button look="danger" isPending={remove.isPending} onPress={() => remove.mutate()}>
                {t("factors.remove")}
              </Button>
              <Button onPress={onClose}>{t("common.cancel")}</Button>
            </>
          )
        }
      >
        <p>{t(isLast ? "problems.lastFactor" : "factors.removeText", { label })}</p>
        {factor.kind === "passkey" && !isLast && <p>{t("factors.removePasskey")}</p>}
        <FormFailure
          text={remove.isError && !isCancelled(remove.error) ? describe(remove.error) : null}
        />
      </Dialog>
      {dialog}
    </>
  );
}
