/** The lines of a conversation: days, the "new messages" line, and bubbles in groups. */
import type { Entry } from "@/core/engine.gen";
import { startOfDay } from "@/lib/format";
import type { Above } from "./use-older";

/** Bubbles of one person within this time stand together. */
const GROUP = 5 * 60_000;

export type Item =
  | { kind: "start"; key: "above" }
  | { kind: "older"; key: "above"; above: Exclude<Above, "start" | null> }
  | { kind: "day"; key: string; time: number }
  | { kind: "new"; key: "new" }
  /** Entries that do not open any more: see `damaged.ts`. */
  | { kind: "damaged"; key: string; count: number }
  | { kind: "event"; key: string; entry: Entry }
  | { kind: "message"; key: string; entry: Entry; first: boolean; last: boolean };

interface Options {
  /** What stands before the oldest entry. */
  above: Above;
  /** The position of the first unread entry when the conversation was opened. */
  unreadFrom: string | null;
}

/** `entries` rise by position. */
export function itemsOf(entries: readonly Entry[], { above, unreadFrom }: Options): Item[] {
  const items: Item[] = [];
  if (above === "start") items.push({ kind: "start", key: "above" });
  else if (above !== null) items.push({ kind: "older", key: "above", above });
  let before: Entry | null = null;
  let marked = unreadFrom === null;
  for (const [index, entry] of entries.entries()) {
    const day = startOfDay(entry.sent_at);
    const newDay = before === null || startOfDay(before.sent_at) !== day;
    if (newDay) items.push({ kind: "day", key: `day-${day}`, time: day });
    const startsNew = !marked && !entry.mine && entry.position >= (unreadFrom ?? "");
    if (startsNew) {
      items.push({ kind: "new", key: "new" });
      marked = true;
    }
    const after = entries[index + 1] ?? null;
    if (entry.body.type === "room") {
      items.push({ kind: "event", key: entry.key, entry });
      before = entry;
      continue;
    }
    items.push({
      kind: "message",
      key: entry.key,
      entry,
      first: newDay || startsNew || !together(before, entry),
      last: !together(entry, after) || beginsNew(after, unreadFrom, marked),
    });
    before = entry;
  }
  return items;
}

function together(a: Entry | null, b: Entry | null): boolean {
  return (
    a !== null &&
    b !== null &&
    a.body.type !== "room" &&
    b.body.type !== "room" &&
    a.sender === b.sender &&
    Math.abs(b.sent_at - a.sent_at) < GROUP &&
    startOfDay(a.sent_at) === startOfDay(b.sent_at)
  );
}

function beginsNew(entry: Entry | null, unreadFrom: string | null, marked: boolean): boolean {
  return !marked && entry !== null && !entry.mine && entry.position >= (unreadFrom ?? "");
}
