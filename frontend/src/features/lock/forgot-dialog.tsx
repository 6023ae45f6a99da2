import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { startAfresh } from "@/core/account";
import { FormFailure } from "@/features/auth/form-failure";
import { useUser } from "@/features/auth/session";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { otherText } from "./lock-text";

interface ForgotDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** The way on without the passphrase: as in a new browser, where all ways in stand open. */
export function ForgotDialog({ isOpen, onClose }: ForgotDialogProps) {
  const { t } = useTranslation();
  const user = useUser();
  const erase = useMutation({ mutationFn: () => startAfresh(user.user_id) });
  return (
    <Dialog
      warns
      title={t("lock.forgotTitle")}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button look="danger" isPending={erase.isPending} onPress={() => erase.mutate()}>
            {t("lock.erase")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("lock.forgotText")}</p>
      <p>{t("lock.forgotLost")}</p>
      <FormFailure text={otherText(erase.error, t)} />
    </Dialog>
  );
}
