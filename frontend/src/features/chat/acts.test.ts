import type { Body, Entry } from "@/core/engine.gen";
import { describe, expect, it } from "vitest";
import { actsOf, EDIT_TIME } from "./acts";

const now = 1_800_000_000_000;
const open = { closed: false, now };
const entry = (more: Partial<Entry>): Entry =>
  ({
    mine: true,
    state: "sent",
    sent_at: now - 1000,
    body: { type: "text", text: "seven" },
    ...more,
  }) as Entry;
const able = (acts: object) =>
  Object.entries(acts)
    .filter(([, may]) => may)
    .map(([act]) => act);

describe("what may be done", () => {
  it("is everything with one's own words", () => {
    expect(able(actsOf(entry({}), open))).toEqual([
      "reply",
      "react",
      "edit",
      "copy",
      "remove",
      "takeBack",
    ]);
  });

  it("leaves the words of others as they are", () => {
    expect(able(actsOf(entry({ mine: false }), open))).toEqual([
      "reply",
      "react",
      "copy",
      "remove",
    ]);
  });

  it("ends for edits after a day", () => {
    expect(actsOf(entry({ sent_at: now - EDIT_TIME + 1 }), open).edit).toBe(true);
    expect(actsOf(entry({ sent_at: now - EDIT_TIME }), open).edit).toBe(false);
  });

  it("is little where nothing can be sent, or was sent yet", () => {
    expect(able(actsOf(entry({}), { closed: true, now }))).toEqual(["copy", "remove"]);
    expect(able(actsOf(entry({ state: "sending" }), open))).toEqual(["copy"]);
  });

  it("is to take off this device what says nothing", () => {
    for (const body of [
      { type: "deleted" },
      { type: "unopened", reason: "no_keys" },
      { type: "unknown", kind: 99, data: "" },
    ] satisfies Body[]) {
      expect(able(actsOf(entry({ body }), open)), body.type).toEqual(["remove"]);
    }
  });

  it("copies the words that go along", () => {
    const file = { caption: "as agreed" } as (Body & { type: "file" })["file"];
    const body: Body = { type: "file", attachment_id: null, file };
    expect(actsOf(entry({ body }), open).copy).toBe("as agreed");
    const silent: Body = { type: "file", attachment_id: null, file: { ...file, caption: " " } };
    expect(actsOf(entry({ body: silent }), open).copy).toBeNull();
  });
});
