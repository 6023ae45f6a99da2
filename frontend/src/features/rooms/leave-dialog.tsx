import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { call } from "@/core/core";
import type { Conversation } from "@/core/engine.gen";
import { useUser } from "@/features/auth/session";
import { useTranslation } from "react-i18next";

interface LeaveDialogProps {
  conversation: Conversation;
  name: string;
  onClose: () => void;
}

/** Says plainly what leaving means, and what the last admin does first. */
export function LeaveDialog({ conversation, name, onClose }: LeaveDialogProps) {
  const { t } = useTranslation();
  const { user_id: me } = useUser();
  const { admins, members } = conversation;
  const last = admins.length === 1 && admins[0] === me && members.length > 1;

  function leave(): void {
    void call("command", { type: "leave_room", room_id: conversation.id });
    onClose();
  }

  return (
    <Dialog
      warns
      title={t("rooms.leaveTitle", { name })}
      isOpen
      onClose={onClose}
      actions={
        last ? (
          <Button onPress={onClose}>{t("common.close")}</Button>
        ) : (
          <>
            <Button look="danger" onPress={leave}>
              {t("rooms.leave")}
            </Button>
            <Button onPress={onClose}>{t("common.cancel")}</Button>
          </>
        )
      }
    >
      <p>{last ? t("rooms.lastAdmin") : t("rooms.leaveText")}</p>
    </Dialog>
  );
}
