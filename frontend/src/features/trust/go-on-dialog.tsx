import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useTranslation } from "react-i18next";

interface GoOnDialogProps {
  name: string;
  onGoOn: () => void;
  onClose: () => void;
}

/** Going on with new keys of somebody who had been verified gives the mark up. */
export function GoOnDialog({ name, onGoOn, onClose }: GoOnDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      warns
      title={t("trust.goOnTitle")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button
            look="danger"
            onPress={() => {
              onGoOn();
              onClose();
            }}
          >
            {t("trust.goOnAnyway")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("trust.goOnText", { name })}</p>
    </Dialog>
  );
}
