import { call } from "@/core/core";
import type { ConversationId, Entry, MessageRef, Recipient } from "@/core/engine.gen";
import { refuse } from "@/features/files/chosen";
import { uuidV7 } from "@/lib/uuid";
import { useMemo } from "react";
import type { Outgoing } from "./outgoing";

export interface Sending {
  /** In order; the first of them is the answer. */
  send: (to: Recipient, messages: readonly Outgoing[], replyTo: MessageRef | null) => void;
  edit: (id: string, text: string) => void;
  react: (entry: Entry, emoji: string, on: boolean) => void;
  remove: (entry: Entry, forEveryone: boolean) => void;
  retry: (entry: Entry) => void;
  discard: (entry: Entry) => void;
}

/** What can be asked of the engine about a conversation's messages; always the same functions. */
export function useSending(conversation: ConversationId): Sending {
  return useMemo(() => {
    const message = ({ sender, id }: Entry): MessageRef => ({ sender, id });
    return {
      send(to, messages, replyTo) {
        void sendAll(conversation, to, messages, replyTo);
      },
      edit: (id, text) => void call("command", { type: "edit", conversation, id, text }),
      react(entry, emoji, on) {
        const command = { conversation, message: message(entry), emoji, on };
        void call("command", { type: "react", ...command });
      },
      remove(entry, for_everyone) {
        const command = { conversation, message: message(entry), for_everyone };
        void call("command", { type: "delete", ...command });
      },
      retry: ({ id }) => void call("command", { type: "retry", conversation, id }),
      discard: ({ id }) => void call("command", { type: "discard", conversation, id }),
    };
  }, [conversation]);
}

/** One after the other: a file is sealed before what stands behind it is written. */
async function sendAll(
  conversation: ConversationId,
  to: Recipient,
  messages: readonly Outgoing[],
  replyTo: MessageRef | null,
): Promise<void> {
  for (const [index, { attached, text }] of messages.entries()) {
    const id = uuidV7();
    const answers = index === 0 && replyTo !== null && { reply_to: replyTo };
    if (!attached) {
      void call("command", { type: "send_text", to, id, text, ...answers });
    } else if (attached.kind === "picture") {
      const { picture } = attached;
      await call("sendPicture", { to, id, picture, caption: text, ...answers });
    } else {
      const { file } = attached;
      const fault = await call("sendFile", { to, id, file, caption: text, ...answers });
      if (fault) refuse(conversation, { name: file.name, fault });
    }
  }
}
