import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { Conversation, Entry } from "../engine.gen";
import { Forgotten } from "./forgotten";
import { Store } from "./store";

const entry = (position: string, state: Entry["state"]) => ({ position, state }) as Entry;
const record = (one: Entry) => ({
  key: `history/bo/${one.position}`,
  value: new TextEncoder().encode(JSON.stringify(one)),
});
const told = (last: Entry) => ({
  type: "notices" as const,
  notices: [
    { type: "conversation" as const, conversation: { id: "bo", unread: 2, last } as Conversation },
  ],
});

let account = "";
beforeEach(() => {
  account = crypto.randomUUID();
});

describe("a forgotten conversation", () => {
  it("is erased, stays hidden after a restart and comes back with something new", async () => {
    const store = await Store.open(account);
    const [old, pending] = [entry("1", "sent"), entry("9", "sending")];
    await store.commit([record(old), record(pending)], []);
    const forgotten = await Forgotten.load(store);
    forgotten.veil(told(old));
    expect(await forgotten.forget("bo")).toMatchObject({
      notices: [{ conversation: { last: null } }],
    });
    expect(await store.load("history/bo/")).toEqual([]);

    const again = await Forgotten.load(store);
    expect(again.veil(told(old))).toMatchObject({
      notices: [{ conversation: { last: null, unread: 0 } }],
    });
    const fresh = told(entry("2", "sent"));
    expect(again.veil(fresh)).toEqual(fresh);
  });
});
