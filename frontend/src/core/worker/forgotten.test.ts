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
    expect(await forgotten.forget("bo")).toMatchObject({
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

  it("takes its pictures along, but for one that is still to be sent", async () => {
    const store = await Store.open(account);
    const picture = (sha256: string) => ({ type: "picture", picture: { sha256 } }) as Entry["body"];
    const [seen, waits] = [
      entry("1", "sent", picture("AAA=")),
      entry("9", "sending", picture("AQE=")),
    ];
    const files = ["files/0000", "files/0101"].map((key) => ({ key, value: new Uint8Array(3) }));
    await store.commit([record(seen), record(waits), ...files], []);
    await (await Forgotten.load(store)).forget("bo");
    expect(await store.keys("files/")).toEqual(["files/0101"]);
  });
});
