import { useCore } from "@/core/store";
import { useEffect } from "react";

/** Shows the count of unread messages on the tab of the browser. */
export function useTotalUnread(): void {
  const unread = useCore((state) => {
    let sum = 0;
    for (const conversation of state.conversations.values()) sum += conversation.unread;
    return sum;
  });

  useEffect(() => {
    const write = () => {
      const words = document.title.replace(/^\(\d+\+?\) /, "");
      const next = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${words}` : words;
      if (next !== document.title) document.title = next;
    };
    write();
    const title = document.querySelector("title");
    if (!title) return;
    const watch = new MutationObserver(write);
    watch.observe(title, { childList: true });
    return () => watch.disconnect();
  }, [unread]);
}
