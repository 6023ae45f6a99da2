import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { call } from "@/core/core";
import type { Conversation } from "@/core/engine.gen";
import { useContacts } from "@/features/people/queries";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PickContacts } from "./pick-contacts";

interface InviteDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

/** Adds contacts who are not in the group yet. */
export function InviteDialog({ conversation, onClose }: InviteDialogProps) {
  const { t } = useTranslation();
  const contacts = useContacts() ?? [];
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const { members, invited } = conversation;
  const absent = contacts.filter(
    ({ user_id }) => !members.includes(user_id) && !invited.includes(user_id),
  );

  function invite(): void {
    const room_id = conversation.id;
    void call("command", { type: "invite", room_id, members: [...picked] });
    onClose();
  }

  if (absent.length === 0) {
    return (
      <Dialog
        title={t("rooms.add")}
        isOpen
        onClose={onClose}
        actions={<Button onPress={onClose}>{t("common.close")}</Button>}
      >
        <p>{t("rooms.allHere")}</p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={t("rooms.add")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button look="primary" isDisabled={picked.size === 0} onPress={invite}>
            {t("rooms.addPicked", { count: picked.size })}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("rooms.addHint")}</p>
      <PickContacts contacts={absent} picked={picked} onPick={setPicked} />
    </Dialog>
  );
}
