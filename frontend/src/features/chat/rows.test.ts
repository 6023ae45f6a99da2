import type { Conversation } from "@/core/engine.gen";
import type { Contact } from "@/protocol.gen";
import { describe, expect, it } from "vitest";
import { filterRows, rowsOf } from "./rows";

const contact = (user_id: string, name: string, added_at: string) =>
  ({ user_id, username: user_id, name, online: false, added_at }) as Contact;
const conversation = (id: string, sent_at: number) =>
  ({ id, peer: id, last: { sent_at } }) as Conversation;

describe("rowsOf", () => {
  const contacts = [
    contact("bo", "Bo", "2026-01-01T00:00:00Z"),
    contact("mia", "", "2026-02-01T00:00:00Z"),
  ];
  const talks = new Map([
    ["bo", conversation("bo", Date.parse("2026-03-01T00:00:00Z"))],
    ["old", conversation("old", 1)],
    ["lost", conversation("lost", 1)],
  ]);

  it("puts the latest first and keeps those who left under their name", () => {
    const rows = rowsOf(contacts, talks, { old: "Sam" }, "Group");
    expect(rows.map(({ name }) => name)).toEqual(["Bo", "mia", "Sam"]);
  });

  it("holds groups by their name, but none that was left and erased", () => {
    const group = { ...conversation("g", 5), kind: "group", peer: null, members: ["a", "b"] };
    const hikes = { ...group, name: "Hikes", fault: null } as unknown as Conversation;
    const gone = { ...group, name: "Old", fault: "removed", last: null } as unknown as Conversation;
    const groups = new Map([
      ["g", hikes],
      ["o", gone],
      ["n", { ...hikes, name: null }],
    ]);
    const rows = rowsOf([], groups, {}, "Group");
    expect(rows.map(({ name, members }) => [name, members])).toEqual([
      ["Hikes", 2],
      ["Group", 2],
    ]);
  });

  it("finds names whatever their accents", () => {
    const rows = rowsOf(
      [contact("l", "Léa Moreau", "2026-01-01T00:00:00Z")],
      new Map(),
      {},
      "Group",
    );
    expect(filterRows(rows, "lea mor")).toHaveLength(1);
    expect(filterRows(rows, "bo")).toHaveLength(0);
    expect(filterRows(rows, " ")).toHaveLength(1);
  });
});
