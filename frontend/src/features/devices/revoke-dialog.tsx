import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { revokeDevice } from "@/core/own";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import type { DeviceId } from "@/protocol.gen";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { confirmed } from "./confirmed";
import { useStepUpQuestion } from "./step-up";
import { StepUpCancelled } from "./use-step-up";

interface RevokeDialogProps {
  device: DeviceId;
  /** What it is called; `null` for one that the server shut out, whose name it does not tell. */
  name: string | null;
  onDone: () => void;
  onClose: () => void;
}

/** Says what follows when a device is shut out for good, or when one that was is signed out. */
export function RevokeDialog({ device, name, onDone, onClose }: RevokeDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const question = useStepUpQuestion();
  const revoke = useMutation({
    mutationFn: () => confirmed(() => revokeDevice(device)),
    onSuccess: onDone,
  });
  const failed = revoke.isError && !(revoke.error instanceof StepUpCancelled);
  return (
    <Dialog
      warns
      // One question at a time.
      isOpen={question === null}
      title={name === null ? t("devices.signTitle") : t("devices.revokeTitle", { name })}
      onClose={onClose}
      actions={
        <>
          <Button look="danger" isPending={revoke.isPending} onPress={() => revoke.mutate()}>
            {t(name === null ? "devices.sign" : "devices.revoke")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      {name === null ? (
        <p>{t("devices.signText")}</p>
      ) : (
        <>
          <p>{t("devices.revokeText")}</p>
          <p>{t("devices.revokeKept")}</p>
          <p>{t("devices.revokeLost")}</p>
        </>
      )}
      <FormFailure text={failed ? describe(revoke.error) : null} />
    </Dialog>
  );
}
