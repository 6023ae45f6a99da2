import { NameDialog } from "@/components/ui/name-dialog";
import { call } from "@/core/core";
import type { Conversation } from "@/core/engine.gen";
import { limits } from "@/protocol.gen";
import { useTranslation } from "react-i18next";

interface RenameDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

/** Gives a group another name. */
export function RenameDialog({ conversation, onClose }: RenameDialogProps) {
  const { t } = useTranslation();
  return (
    <NameDialog
      title={t("rooms.rename")}
      label={t("rooms.name")}
      hint={t("rooms.nameHint")}
      name={conversation.name ?? ""}
      longest={limits.NAME_MAX}
      onSave={(name) => {
        void call("command", { type: "rename_room", room_id: conversation.id, name });
        onClose();
      }}
      onClose={onClose}
    />
  );
}
