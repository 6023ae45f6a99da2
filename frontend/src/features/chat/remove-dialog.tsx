import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useProblemText } from "@/i18n/problem-text";
import type { Contact } from "@/protocol.gen";
import { useTranslation } from "react-i18next";
import { displayName } from "@/features/people/names";
import { useRemoveContact } from "./use-remove-contact";

interface RemoveDialogProps {
  contact: Contact;
  isOpen: boolean;
  onClose: () => void;
}

/** Says plainly what goes before it goes. */
export function RemoveDialog({ contact, isOpen, onClose }: RemoveDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const remove = useRemoveContact();
  const name = displayName(contact);
  return (
    <Dialog
      warns
      title={t("people.removeTitle", { name })}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button look="danger" isPending={remove.isPending} onPress={() => remove.mutate(contact)}>
            {t("people.remove")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("people.removeText", { name })}</p>
      {remove.isError && (
        <p role="alert" className="text-danger">
          {describe(remove.error)}
        </p>
      )}
    </Dialog>
  );
}
