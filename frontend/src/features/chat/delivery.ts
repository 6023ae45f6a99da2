/** How far a message of mine has come. */
import type { Conversation, Entry } from "@/core/engine.gen";

export type Delivery = "sending" | "sent" | "delivered" | "read" | "failed";

export function deliveryOf(entry: Entry, marks: Conversation["marks"]): Delivery {
  if (entry.state !== "sent" || entry.seq === null) {
    return entry.state === "failed" ? "failed" : "sending";
  }
  const mark = marks.find(({ room_id }) => room_id === entry.room_id);
  if (!mark) return "sent";
  if (entry.seq <= mark.read) return "read";
  return entry.seq <= mark.delivered ? "delivered" : "sent";
}
