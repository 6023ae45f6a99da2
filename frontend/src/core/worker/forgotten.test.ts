import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { Conversation, Entry } from "../engine.gen";
import { Forgotten } from "./forgotten";
import { Store } from "./store";

const entry = (position: string, state: Entry["state"], body: Partial<Entry["body"]> = {}) =>
  ({ position, state, body }) as Entry;
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
    expect(await forgotten.forget("bo", () => undefined)).toMatchObject({
      notices: [{ conversation: { last: null } }],
    });
    expect((await store.load("history/bo/")).records).toEqual([]);

    const again = await Forgotten.load(store);
    expect(again.veil(told(old))).toMatchObject({
      notices: [{ conversation: { last: null, unread: 0 } }],
    });
    const fresh = told(entry("2", "sent"));
    expect(again.veil(fresh)).toEqual(fresh);
  });

  it("takes its files along, but for one that is still to be sent", async () => {
    const store = await Store.open(account);
    const body = { type: "picture" } as Entry["body"];
    const seen = { ...entry("1", "sent", body), key: "room/1", mine: false };
    const sent = { ...entry("2", "sent", body), key: "own/a", id: "a", mine: true };
    const waits = { ...entry("9", "sending", body), key: "own/b", id: "b", mine: true };
    const names = ["files/room/1", "files/own/a", "files/own/b", "files/other/1"];
    const files = names.map((key) => ({ key, value: new Uint8Array(3) }));
    await store.commit([...[seen, sent, waits].map(record), ...files], []);
    const dropped: string[] = [];
    await (await Forgotten.load(store)).forget("bo", (file) => void dropped.push(file));
    expect(dropped).toEqual(["files/room/1", "files/own/a"]);
    // That of another conversation stays, whatever it is a picture of.
    expect(await store.keys("files/")).toEqual(["files/other/1", "files/own/b"]);
  });
});
