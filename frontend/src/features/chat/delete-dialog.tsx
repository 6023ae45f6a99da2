import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useTranslation } from "react-i18next";

interface DeleteDialogProps {
  /** It can be taken back from everybody. */
  takesBack: boolean;
  onDelete: (forEveryone: boolean) => void;
  onClose: () => void;
}

/** For whom a message goes. */
export function DeleteDialog({ takesBack, onDelete, onClose }: DeleteDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      warns
      title={t("message.deleteTitle")}
      isOpen
      onClose={onClose}
      actions={
        <div className="flex w-full flex-col gap-2">
          {takesBack && (
            <Button look="danger" wide onPress={() => onDelete(true)}>
              {t("message.deleteForAll")}
            </Button>
          )}
          <Button look={takesBack ? "warning" : "danger"} wide onPress={() => onDelete(false)}>
            {t("message.deleteForMe")}
          </Button>
          <Button wide onPress={onClose}>
            {t("common.cancel")}
          </Button>
        </div>
      }
    >
      <p>{t(takesBack ? "message.deleteBothText" : "message.deleteForMeText")}</p>
    </Dialog>
  );
}
