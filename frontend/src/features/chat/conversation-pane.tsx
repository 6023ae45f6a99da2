import { call } from "@/core/core";
import type { Entry, Recipient } from "@/core/engine.gen";
import type { PreparedPicture } from "@/core/picture-file";
import { useCore } from "@/core/store";
import { DropArea } from "@/features/pictures/drop-area";
import { usePageTitle } from "@/lib/use-page-title";
import { uuidV7 } from "@/lib/uuid";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { itemsOf } from "./items";
import { MessageList } from "./message-list";
import { MessageSkeleton } from "./message-skeleton";
import { OfflineBanner } from "./offline-banner";
import { TypingLine } from "./typing-line";
import { useEntries } from "./use-entries";
import { useJumps } from "./use-jumps";
import { useOlder } from "./use-older";
import { useMarkRead } from "./use-mark-read";

interface ConversationPaneProps {
  id: string;
  name: string;
  to: Recipient;
  header: ReactNode;
  /** Under the header, while it is used. */
  search: ReactNode;
  /** Above the composer. */
  notices: ReactNode;
  /** Nothing can be sent: the history can still be read. */
  closed: boolean;
  nameOf: (user: string) => string;
}

/** What was said, and the place to say something. */
export function ConversationPane({
  id,
  name,
  to,
  header,
  search,
  notices,
  closed,
  nameOf,
}: ConversationPaneProps) {
  const conversation = useCore((state) => state.conversations.get(id) ?? null);
  const { entries, loaded, complete, newer, loadOlder, loadNewer, goTo, goToEnd } = useEntries(id);
  const older = useOlder(id, complete);
  const { above } = older;
  const target = useJumps(id, { loaded, goTo });
  const [unreadFrom, setUnreadFrom] = useState(conversation?.unread_from ?? null);
  const [atEnd, setAtEnd] = useState(true);
  const cannotSend = closed || Boolean(conversation?.fault);
  usePageTitle(name);
  useMarkRead(conversation, entries, atEnd);

  const items = useMemo(
    () => itemsOf(entries, { above, unreadFrom }),
    [entries, above, unreadFrom],
  );

  function send(text: string): void {
    setUnreadFrom(null);
    void goToEnd();
    void call("command", {
      type: "send_text",
      to,
      id: uuidV7(),
      text,
    });
  }

  function sendPicture(picture: PreparedPicture, caption: string): void {
    setUnreadFrom(null);
    void goToEnd();
    void call("sendPicture", { to, id: uuidV7(), picture, caption });
  }

  const discard = useCallback(
    (entry: Entry) => void call("command", { type: "discard", conversation: id, id: entry.id }),
    [id],
  );

  const retry = useCallback(
    (entry: Entry) => void call("command", { type: "retry", conversation: id, id: entry.id }),
    [id],
  );

  return (
    <DropArea conversation={id} closed={cannotSend} label={name}>
      {header}
      {search}
      <OfflineBanner />
      {loaded ? (
        <MessageList
          items={items}
          conversation={conversation}
          name={name}
          nameOf={nameOf}
          newer={newer}
          target={target}
          loadOlder={complete ? older.load : loadOlder}
          onRetryOlder={older.retry}
          loadNewer={loadNewer}
          goToEnd={goToEnd}
          onRetry={retry}
          onDiscard={discard}
          onAtEnd={setAtEnd}
        />
      ) : (
        <MessageSkeleton />
      )}
      <TypingLine id={id} nameOf={nameOf} />
      {notices}
      {!cannotSend && <Composer id={id} name={name} onSend={send} onSendPicture={sendPicture} />}
      <Announcer entries={entries} loaded={loaded} nameOf={nameOf} />
    </DropArea>
  );
}
