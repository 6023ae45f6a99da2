import type { Entry } from "@/core/engine.gen";
import { describe, expect, it } from "vitest";
import { itemsOf } from "./items";
import type { Above } from "./use-older";

const noon = new Date(2026, 2, 5, 12).getTime();

function entry(position: number, sender: string, minutes: number): Entry {
  return {
    key: `k${position}`,
    position: String(position).padStart(4, "0"),
    id: `id${position}`,
    room_id: "room",
    seq: position,
    sender,
    mine: sender === "me",
    sent_at: noon + minutes * 60_000,
    state: "sent",
    body: { type: "text", text: "…" },
  };
}

const event = (position: number, sender: string, minutes: number): Entry => ({
  ...entry(position, sender, minutes),
  body: { type: "room", events: [{ type: "left" }] },
});

const shape = (entries: Entry[], unreadFrom: string | null = null, above: Above = null) =>
  itemsOf(entries, { above, unreadFrom }).map((item) =>
    item.kind === "message"
      ? `${item.entry.sender}${item.first ? "[" : ""}${item.last ? "]" : ""}`
      : item.kind,
  );

describe("itemsOf", () => {
  it("puts a day over its messages and groups those that stand together", () => {
    expect(
      shape([
        entry(1, "bo", -24 * 60),
        entry(2, "bo", 0),
        entry(3, "bo", 1),
        entry(4, "me", 2),
        entry(5, "me", 20),
      ]),
    ).toEqual(["day", "bo[]", "day", "bo[", "bo]", "me[]", "me[]"]);
  });

  it("draws the line before the first unread message of somebody else", () => {
    expect(
      shape([entry(1, "bo", 0), entry(2, "me", 1), entry(3, "bo", 2), entry(4, "bo", 3)], "0002"),
    ).toEqual(["day", "bo[]", "me[]", "new", "bo[", "bo]"]);
  });

  it("parts a group where the unread ones begin", () => {
    expect(shape([entry(1, "bo", 0), entry(2, "bo", 1)], "0002")).toEqual([
      "day",
      "bo[]",
      "new",
      "bo[]",
    ]);
  });

  it("says where a conversation begins once all of it is here", () => {
    expect(shape([], null, "start")).toEqual(["start"]);
  });

  it("says why what lies before is not here", () => {
    expect(shape([entry(1, "bo", 0)], null, "no_key")).toEqual(["older", "day", "bo[]"]);
  });

  it("lets what became of a group stand between the bubbles", () => {
    expect(shape([entry(1, "bo", 0), event(2, "bo", 0), entry(3, "bo", 0)])).toEqual([
      "day",
      "bo[]",
      "event",
      "bo[]",
    ]);
  });
});
