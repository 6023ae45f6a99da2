import type { Entry, MessageRef, Recipient } from "@/core/engine.gen";
import { onEntries, useCore } from "@/core/store";
import { DropArea } from "@/features/files/drop-area";
import { closesComposer, pendingChanges } from "@/features/trust/pending-changes";
import { usePageTitle } from "@/lib/use-page-title";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { isEditable } from "./acts";
import { Announcer } from "./announcer";
import { ClosedComposer } from "./closed-composer";
import { Composer } from "./composer";
import { followEntry, startEdit } from "./composing";
import { withDamaged } from "./damaged";
import { itemsOf } from "./items";
import { MessageList } from "./message-list";
import { MessageSkeleton } from "./message-skeleton";
import { OfflineBanner } from "./offline-banner";
import type { Outgoing } from "./outgoing";
import { TypingLine } from "./typing-line";
import { useEntries } from "./use-entries";
import { useJumps } from "./use-jumps";
import { useOlder } from "./use-older";
import { useMarkRead } from "./use-mark-read";
import { useSending } from "./use-sending";

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
  const { entries, loaded, complete, newer, damaged, loadOlder, loadNewer, goTo, goToEnd } =
    useEntries(id);
  const older = useOlder(id, complete);
  const { above } = older;
  const target = useJumps(id, { loaded, goTo });
  const sending = useSending(id);
  const [unreadFrom, setUnreadFrom] = useState(conversation?.unread_from ?? null);
  const [atEnd, setAtEnd] = useState(true);
  const over = closed || Boolean(conversation?.fault);
  const asksFirst =
    useCore((state) => closesComposer(pendingChanges(conversation, state.people))) && !over;
  const cannotSend = over || asksFirst;
  usePageTitle(name);
  useMarkRead(conversation, entries, atEnd);
  useEffect(() => onEntries(id, (change) => followEntry(id, change)), [id]);

  const items = useMemo(
    () => withDamaged(itemsOf(entries, { above, unreadFrom }), damaged, newer),
    [entries, above, unreadFrom, damaged, newer],
  );

  function send(messages: readonly Outgoing[], replyTo: MessageRef | null): void {
    setUnreadFrom(null);
    void goToEnd();
    sending.send(to, messages, replyTo);
  }

  function editLast(): void {
    const now = Date.now();
    const last = entries.findLast((entry: Entry) => isEditable(entry, now));
    if (last) startEdit(id, last);
  }

  return (
    <DropArea conversation={id} closed={cannotSend} label={name}>
      {header}
      {search}
      <OfflineBanner />
      {loaded ? (
        <MessageList
          id={id}
          items={items}
          conversation={conversation}
          name={name}
          nameOf={nameOf}
          closed={cannotSend}
          newer={newer}
          target={target}
          loadOlder={complete ? older.load : loadOlder}
          onRetryOlder={older.retry}
          sending={sending}
          loadNewer={loadNewer}
          goToEnd={goToEnd}
          onAtEnd={setAtEnd}
        />
      ) : (
        <MessageSkeleton />
      )}
      <TypingLine id={id} nameOf={nameOf} />
      {notices}
      {asksFirst && <ClosedComposer id={id} />}
      {!cannotSend && (
        <Composer
          id={id}
          name={name}
          nameOf={nameOf}
          onSend={send}
          onEdit={sending.edit}
          onEditLast={editLast}
        />
      )}
      <Announcer entries={entries} loaded={loaded} nameOf={nameOf} />
    </DropArea>
  );
}
