import type { Conversation, Entry } from "@/core/engine.gen";
import { EventLine } from "@/features/rooms/event-line";
import { Viewer } from "@/features/pictures/viewer";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Bubble } from "./bubble";
import { DayLine, NewLine, StartLine } from "./lines";
import { deliveryOf } from "./delivery";
import type { Item } from "./items";
import { OlderLine } from "./older-line";
import { LatestButton } from "./latest-button";
import type { Target } from "./use-jumps";

/** So near the end counts as the end, in pixels. */
const AT_END = 60;
/** So near the beginning, or an end that is not the newest, the next page is fetched. */
const MORE_AT = 600;

interface MessageListProps {
  items: Item[];
  conversation: Conversation | null;
  name: string;
  /** What whoever wrote or did something is called. */
  nameOf: (user: string) => string;
  /** There are newer entries that are not here. */
  newer: boolean;
  /** To be brought into view. */
  target: Target | null;
  loadOlder: () => void;
  /** Fetching what lies before failed: once more. */
  onRetryOlder: () => void;
  loadNewer: () => void;
  /** Brings the newest entries here. */
  goToEnd: () => Promise<void>;
  onRetry: (entry: Entry) => void;
  onDiscard: (entry: Entry) => void;
  /** Told whenever the end comes into view or leaves it. */
  onAtEnd: (atEnd: boolean) => void;
}

export function MessageList({
  items,
  conversation,
  name,
  nameOf,
  newer,
  target,
  loadOlder,
  onRetryOlder,
  loadNewer,
  goToEnd,
  onRetry,
  onDiscard,
  onAtEnd,
}: MessageListProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [openedAt] = useState(Date.now);
  const [enlarged, setEnlarged] = useState<Entry | null>(null);
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

  return (
    <div className="relative min-h-0 grow">
      <section
        ref={scroller}
        onScroll={look}
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
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${line.start}px)` }}
                >
                  {item.key === target?.key && <Mark key={target.number} />}
                  {item.kind === "start" && <StartLine name={name} group={group} />}
                  {item.kind === "older" && <OlderLine above={item.above} onRetry={onRetryOlder} />}
                  {item.kind === "day" && <DayLine time={item.time} />}
                  {item.kind === "new" && <NewLine />}
                  {item.kind === "event" && <EventLine entry={item.entry} nameOf={nameOf} />}
                  {item.kind === "message" && (
                    <Bubble
                      entry={item.entry}
                      author={nameOf(item.entry.sender)}
                      showsAuthor={group && item.first && !item.entry.mine}
                      first={item.first}
                      last={item.last}
                      delivery={item.entry.mine ? deliveryOf(item.entry, marks) : null}
                      spellsRead={item.key === newestRead}
                      rises={item.entry.mine && item.entry.sent_at > openedAt}
                      onRetry={onRetry}
                      onDiscard={onDiscard}
                      onEnlarge={setEnlarged}
                    />
                  )}
                </li>
              );
            })}
          </ol>
        </div>
      </section>
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
