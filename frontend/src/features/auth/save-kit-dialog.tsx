import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Kit } from "./kit";
import { KitContents } from "./kit-contents";
import { useUser } from "./session";

interface SaveKitDialogProps {
  kit: Kit;
  title: string;
  lead: string;
  onDone: () => void;
  /** A card above the conversations leads back to it. */
  onLater: () => void;
}

/** A part of the kit that was made anew: shown this once. */
export function SaveKitDialog({ kit, title, lead, onDone, onLater }: SaveKitDialogProps) {
  const { t } = useTranslation();
  const user = useUser();
  const [saved, setSaved] = useState(false);
  return (
    <Dialog
      warns
      isOpen
      title={title}
      onClose={onLater}
      actions={
        <>
          <Button look="primary" isDisabled={!saved} onPress={onDone}>
            {t("kit.saved")}
          </Button>
          {!saved && <Button onPress={onLater}>{t("common.later")}</Button>}
        </>
      }
    >
      <p>{lead}</p>
      <KitContents kit={kit} username={user.username} onSaved={() => setSaved(true)} />
    </Dialog>
  );
}
