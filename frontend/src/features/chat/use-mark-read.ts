import { call } from "@/core/core";
import type { Conversation, Entry } from "@/core/engine.gen";
import { useVisible } from "@/lib/use-visible";
import { useEffect } from "react";

/** Marks what is on the screen as read, while somebody looks at it. */
export function useMarkRead(
  conversation: Conversation | null,
  entries: readonly Entry[],
  atEnd: boolean,
): void {
  const visible = useVisible();
  const unread = conversation?.unread ?? 0;
  const id = conversation?.id;
  const newest = entries.findLast((entry) => !entry.mine && entry.seq !== null);

  useEffect(() => {
    if (!visible || !atEnd || unread === 0 || !id) return;
    if (!newest || newest.room_id === null || newest.seq === null) return;
    void call("command", {
      type: "mark_read",
      conversation: id,
      room_id: newest.room_id,
      seq: newest.seq,
    });
  }, [visible, atEnd, unread, id, newest]);
}
