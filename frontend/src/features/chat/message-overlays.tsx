import { showToast } from "@/components/ui/toasts";
import type { ConversationId, Entry } from "@/core/engine.gen";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { actsOf } from "./acts";
import { startEdit, startReply } from "./composing";
import { DeleteDialog } from "./delete-dialog";
import { type MenuPlace, type MessageAct, MessageMenu } from "./message-menu";
import { ReactionsDialog } from "./reactions-dialog";
import type { Sending } from "./use-sending";

/** What is open about one message. */
export type Overlay =
  | { what: "menu"; place: MenuPlace }
  | { what: "delete"; entry: Entry }
  | { what: "reactions"; entry: Entry };

interface MessageOverlaysProps {
  conversation: ConversationId;
  overlay: Overlay;
  /** Nothing can be sent here. */
  closed: boolean;
  nameOf: (user: string) => string;
  sending: Sending;
  onChange: (overlay: Overlay | null) => void;
}

/** A message's menu, and the questions that follow from it. */
export function MessageOverlays({
  conversation,
  overlay,
  closed,
  nameOf,
  sending,
  onChange,
}: MessageOverlaysProps) {
  const { t } = useTranslation();
  const [now] = useState(Date.now);
  const close = () => onChange(null);

  function act(what: MessageAct, entry: Entry): void {
    if (what === "reply") startReply(conversation, entry);
    else if (what === "edit") startEdit(conversation, entry);
    else if (what === "copy") void copy(entry);
    else onChange({ what, entry });
  }

  async function copy(entry: Entry): Promise<void> {
    const words = actsOf(entry, { closed, now }).copy;
    try {
      await navigator.clipboard.writeText(words ?? "");
    } catch {
      showToast({ key: "copy", text: t("message.notCopied") });
    }
  }

  if (overlay.what === "menu") {
    const { entry } = overlay.place;
    const name = nameOf(entry.sender);
    return (
      <MessageMenu
        place={overlay.place}
        closed={closed}
        label={entry.mine ? t("message.menuMine") : t("message.menuOf", { name })}
        onReact={sending.react}
        onAct={act}
        onClose={close}
      />
    );
  }
  const { entry } = overlay;
  if (overlay.what === "reactions") {
    return <ReactionsDialog entry={entry} nameOf={nameOf} onClose={close} />;
  }
  return (
    <DeleteDialog
      takesBack={actsOf(entry, { closed, now }).takeBack}
      onDelete={(forEveryone) => {
        sending.remove(entry, forEveryone);
        close();
      }}
      onClose={close}
    />
  );
}
