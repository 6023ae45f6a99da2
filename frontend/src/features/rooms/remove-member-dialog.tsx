import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { call } from "@/core/core";
import { useTranslation } from "react-i18next";
import type { Member } from "./use-members";

interface RemoveMemberDialogProps {
  room: string;
  member: Member;
  onClose: () => void;
}

/** Asks before somebody is removed from a group. */
export function RemoveMemberDialog({ room, member, onClose }: RemoveMemberDialogProps) {
  const { t } = useTranslation();
  const { name, user_id } = member;

  function remove(): void {
    void call("command", { type: "remove_member", room_id: room, user_id });
    onClose();
  }

  return (
    <Dialog
      warns
      title={t("rooms.removeTitle", { name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button look="danger" onPress={remove}>
            {t("rooms.remove")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("rooms.removeText", { name })}</p>
    </Dialog>
  );
}
