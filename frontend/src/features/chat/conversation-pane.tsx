import { call } from "@/core/core";
import type { Entry } from "@/core/engine.gen";
import { useCore } from "@/core/store";
import { useUser } from "@/features/auth/session";
import { displayName } from "@/features/people/names";
import { usePageTitle } from "@/lib/use-page-title";
import { uuidV7 } from "@/lib/uuid";
import type { Contact } from "@/protocol.gen";
import { useCallback, useMemo, useState } from "react";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { ConversationHeader } from "./conversation-header";
import { ConversationNotices } from "./conversation-notices";
import { itemsOf } from "./items";
import { MessageList } from "./message-list";
import { MessageSkeleton } from "./message-skeleton";
import { OfflineBanner } from "./offline-banner";
import { TypingLine } from "./typing-line";
import { useEntries } from "./use-entries";
import { useMarkRead } from "./use-mark-read";

interface ConversationPaneProps {
  id: string;
  name: string;
  contact: Contact | null;
  /** The person is no contact any more: the history can still be read. */
  closed: boolean;
  detailsOpen: boolean;
  onDetails: () => void;
}

export function ConversationPane({
  id,
  name,
  contact,
  closed,
  detailsOpen,
  onDetails,
}: ConversationPaneProps) {
  const me = useUser();
  const conversation = useCore((state) => state.conversations.get(id) ?? null);
  const { entries, loaded, complete, loadOlder } = useEntries(id);
  const [unreadFrom, setUnreadFrom] = useState(conversation?.unread_from ?? null);
  const [atEnd, setAtEnd] = useState(true);
  usePageTitle(name);
  useMarkRead(conversation, entries, atEnd);

  const items = useMemo(
    () => itemsOf(entries, { complete, unreadFrom }),
    [entries, complete, unreadFrom],
  );

  function send(text: string): void {
    setUnreadFrom(null);
    void call("command", {
      type: "send_text",
      to: { type: "direct", user_id: id },
      id: uuidV7(),
      text,
    });
  }

  const retry = useCallback(
    (entry: Entry) => void call("command", { type: "retry", conversation: id, id: entry.id }),
    [id],
  );

  return (
    <section aria-label={name} className="flex min-h-0 min-w-0 grow flex-col bg-canvas">
      <ConversationHeader
        id={id}
        name={name}
        contact={contact}
        detailsOpen={detailsOpen}
        onDetails={onDetails}
      />
      <OfflineBanner />
      {loaded ? (
        <MessageList
          items={items}
          conversation={conversation}
          name={name}
          myName={displayName(me)}
          loadOlder={loadOlder}
          onRetry={retry}
          onAtEnd={setAtEnd}
        />
      ) : (
        <MessageSkeleton />
      )}
      <TypingLine id={id} name={name} />
      <ConversationNotices id={id} name={name} conversation={conversation} closed={closed} />
      {!closed && !conversation?.fault && <Composer id={id} name={name} onSend={send} />}
      <Announcer entries={entries} loaded={loaded} name={name} />
    </section>
  );
}
