import type { Conversation, ConversationId, Entry } from "@/core/engine.gen";
import { EventLine } from "@/features/rooms/event-line";
import { Viewer } from "@/features/pictures/viewer";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Bubble, type BubbleActs } from "./bubble";
import { DamagedLine, DayLine, NewLine, StartLine } from "./lines";
import { deliveryOf } from "./delivery";
import type { Item } from "./items";
import { OlderLine } from "./older-line";
import { LatestButton } from "./latest-button";
import { menuOf, walk } from "./message-keys";
import { MessageOverlays, type Overlay } from "./message-overlays";
import type { Target } from "./use-jumps";
import type { Sending } from "./use-sending";

/** So near the end counts as the end, in pixels. */
const AT_END = 60;
/** So near the beginning, or an end that is not the newest, the next page is fetched. */
const MORE_AT = 600;

interface MessageListProps {
  id: ConversationId;
  items: Item[];
  conversation: Conversation | null;
  name: string;
  /** What whoever wrote or did something is called. */
  nameOf: (user: string) => string;
  /** Nothing can be sent here. */
  closed: boolean;
  /** There are newer entries that are not here. */
  newer: boolean;
  /** To be brought into view. */
  target: Target | null;
  sending: Sending;
  loadOlder: () => void;
  /** Fetching what lies before failed: once more. */
  onRetryOlder: () => void;
  loadNewer: () => void;
  /** Brings the newest entries here. */
  goToEnd: () => Promise<void>;
  /** Told whenever the end comes into view or leaves it. */
  onAtEnd: (atEnd: boolean) => void;
}

/** The messages of a conversation: only those in view are drawn, more come as one scrolls. */
export function MessageList({
  id,
  items,
  conversation,
  name,
  nameOf,
  closed,
  newer,
  target,
  sending,
  loadOlder,
  onRetryOlder,
  loadNewer,
  goToEnd,
  onAtEnd,
}: MessageListProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [openedAt] = useState(Date.now);
  const [enlarged, setEnlarged] = useState<Entry | null>(null);
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  /** Whose menu had the focus last. */
  const [focused, setFocused] = useState<string | null>(null);
  const acts = useMemo<BubbleActs>(
    () => ({
      onRetry: sending.retry,
      onDiscard: sending.discard,
      onReact: sending.react,
      onEnlarge: setEnlarged,
      onMenu: (entry, anchor) => setOverlay({ what: "menu", place: { entry, anchor } }),
    }),
    [sending],
  );
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 44,
    getItemKey: (index) => items[index]!.key,
    overscan: 12,
    anchorTo: "end",
    followOnAppend: !newer,
    scrollEndThreshold: AT_END,
    paddingEnd: 8,
  });

  useEffect(() => {
    virtualizer.scrollToEnd();
  }, [virtualizer]);

  // Whoever writes while reading older lines wants to see what was written.
  const newest = items.at(-1);
  const isMine = newest?.kind === "message" && newest.entry.mine;
  const written = isMine && newest.entry.sent_at > openedAt ? newest.key : null;
  useEffect(() => {
    if (written !== null) virtualizer.scrollToEnd();
  }, [virtualizer, written]);

  const aim = useEffectEvent((key: string) => {
    const index = items.findIndex((item) => item.key === key);
    if (index >= 0) virtualizer.scrollToIndex(index, { align: "center" });
  });
  useEffect(() => {
    if (target) aim(target.key);
  }, [target]);

  function look(): void {
    const area = scroller.current;
    if (!area) return;
    const rest = area.scrollHeight - area.scrollTop - area.clientHeight;
    const end = !newer && rest < AT_END;
    setAtEnd(end);
    onAtEnd(end);
    if (area.scrollTop < MORE_AT) loadOlder();
    if (rest < MORE_AT) loadNewer();
  }

  function toLatest(): void {
    if (newer) void goToEnd().then(() => virtualizer.scrollToEnd());
    else virtualizer.scrollToEnd({ behavior: "smooth" });
  }

  // A keyboard comes up, what is being written grows: whoever was at the end stays there.
  const stay = useEffectEvent(() => {
    if (atEnd && !newer) virtualizer.scrollToEnd();
  });
  useEffect(() => {
    const area = scroller.current;
    if (!area) return;
    const sized = new ResizeObserver(stay);
    sized.observe(area);
    return () => sized.disconnect();
  }, []);

  // Lines are measured after they are drawn: the end may move without a scroll.
  const size = virtualizer.getTotalSize();
  const lookAgain = useEffectEvent(look);
  useEffect(() => {
    const frame = requestAnimationFrame(lookAgain);
    return () => cancelAnimationFrame(frame);
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- whenever these change
  }, [size, loadOlder]);

  const group = conversation?.kind === "group";
  const marks = conversation?.marks ?? [];
  const newestRead = items.findLast(
    (item) =>
      item.kind === "message" && item.entry.mine && deliveryOf(item.entry, marks) === "read",
  )?.key;
  const lines = virtualizer.getVirtualItems();
  const newestMenu = items.findLast(
    (item) => item.kind === "message" && item.entry.state === "sent",
  )?.key;
  const stands = lines.some(({ key }) => key === focused);
  const tabStop = stands ? focused : newestMenu;

  return (
    <div className="relative min-h-0 grow">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of its buttons */}
      <section
        ref={scroller}
        onScroll={look}
        onKeyDown={walk}
        onFocus={(event) => setFocused((before) => menuOf(event.target) ?? before)}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled by keyboard
        tabIndex={0}
        aria-label={t("chat.messages", { name })}
        className="thin-scroll h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        <div className="mx-auto flex min-h-full w-full max-w-[760px] flex-col justify-end px-4">
          <ol className="relative" style={{ height: size }}>
            {lines.map((line) => {
              const item = items[line.index];
              if (!item) return null;
              return (
                <li
                  key={line.key}
                  ref={virtualizer.measureElement}
                  data-index={line.index}
                  data-item={item.key}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${line.start}px)` }}
                >
                  {item.key === target?.key && <Mark key={target.number} />}
                  {item.kind === "start" && <StartLine name={name} group={group} />}
                  {item.kind === "older" && <OlderLine above={item.above} onRetry={onRetryOlder} />}
                  {item.kind === "day" && <DayLine time={item.time} />}
                  {item.kind === "new" && <NewLine />}
                  {item.kind === "damaged" && <DamagedLine count={item.count} />}
                  {item.kind === "event" && <EventLine entry={item.entry} nameOf={nameOf} />}
                  {item.kind === "message" && (
                    <Bubble
                      entry={item.entry}
                      conversation={id}
                      nameOf={nameOf}
                      showsAuthor={group && item.first && !item.entry.mine}
                      first={item.first}
                      last={item.last}
                      delivery={item.entry.mine ? deliveryOf(item.entry, marks) : null}
                      spellsRead={item.key === newestRead}
                      rises={item.entry.mine && item.entry.sent_at > openedAt}
                      closed={closed}
                      tabStop={item.key === tabStop}
                      acts={acts}
                    />
                  )}
                </li>
              );
            })}
          </ol>
        </div>
      </section>
      {overlay && (
        <MessageOverlays
          conversation={id}
          overlay={overlay}
          closed={closed}
          nameOf={nameOf}
          sending={sending}
          onChange={setOverlay}
        />
      )}
      {enlarged && (
        <Viewer
          pictures={picturesOf(items)}
          at={enlarged}
          nameOf={nameOf}
          onMove={setEnlarged}
          onClose={() => setEnlarged(null)}
        />
      )}
      {!atEnd && <LatestButton unread={conversation?.unread ?? 0} onPress={toLatest} />}
    </div>
  );
}

/** Shows for a moment which entry was looked for. */
function Mark() {
  return (
    <span
      aria-hidden="true"
      className="animate-mark pointer-events-none absolute -inset-x-2 inset-y-0 rounded-field bg-moss/25"
    />
  );
}

function picturesOf(items: Item[]): Entry[] {
  return items.flatMap((item) =>
    item.kind === "message" && item.entry.body.type === "picture" ? [item.entry] : [],
  );
}
