import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { call } from "@/core/core";
import { whenConversation } from "@/core/store";
import { uuidV7 } from "@/lib/uuid";
import { type Contact, limits } from "@/protocol.gen";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { PickContacts } from "./pick-contacts";

interface NewGroupDialogProps {
  contacts: readonly Contact[];
  onClose: () => void;
}

/** A name and the people to begin with. */
export function NewGroupDialog({ contacts, onClose }: NewGroupDialogProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const [making, setMaking] = useState(false);
  const unnamed = name.trim() === "";

  async function make(): Promise<void> {
    setTried(true);
    if (unnamed || picked.size === 0 || making) return;
    setMaking(true);
    const room_id = uuidV7();
    void call("command", { type: "create_group", room_id, name, members: [...picked] });
    await whenConversation(room_id);
    onClose();
    void navigate({ to: "/chat/$id", params: { id: room_id } });
  }

  return (
    <Dialog
      title={t("rooms.new")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button look="primary" isPending={making} onPress={() => void make()}>
            {t("rooms.make")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextField
          label={t("rooms.name")}
          value={name}
          onChange={setName}
          maxLength={limits.NAME_MAX}
          hint={t("rooms.nameHint")}
          error={tried && unnamed ? t("rooms.nameMissing") : null}
          autoComplete="off"
          autoFocus
        />
        <PickContacts contacts={contacts} picked={picked} onPick={setPicked} />
        {tried && picked.size === 0 && (
          <p role="alert" className="text-sm text-danger">
            {t("rooms.nobodyPicked")}
          </p>
        )}
      </Form>
    </Dialog>
  );
}
