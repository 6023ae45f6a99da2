import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { call } from "@/core/core";
import type { Conversation } from "@/core/engine.gen";
import { limits } from "@/protocol.gen";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

interface RenameDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

export function RenameDialog({ conversation, onClose }: RenameDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(conversation.name ?? "");
  const unnamed = name.trim() === "";

  function rename(): void {
    if (unnamed) return;
    void call("command", { type: "rename_room", room_id: conversation.id, name });
    onClose();
  }

  return (
    <Dialog
      title={t("rooms.rename")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button look="primary" isDisabled={unnamed} onPress={rename}>
            {t("common.save")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <Form
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          rename();
        }}
      >
        <TextField
          label={t("rooms.name")}
          value={name}
          onChange={setName}
          maxLength={limits.NAME_MAX}
          hint={t("rooms.nameHint")}
          autoComplete="off"
          autoFocus
        />
      </Form>
    </Dialog>
  );
}
