import "fake-indexeddb/auto";
import { beforeEach, expect, it, vi } from "vitest";
import type { Entry } from "../../engine.gen";
import { Store } from "../store";
import { moveFiles } from "./move";

const key = (byte: string) => `files/${byte.repeat(32)}`;
const sha256 = (byte: number) => btoa(String.fromCodePoint(byte).repeat(32));
const record = (name: string, value: Uint8Array) => ({ key: name, value: new Uint8Array(value) });
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const line = (position: string, entry: object) =>
  record(`history/bo/${position}`, bytes({ ...entry, position } as Entry));
const picture = (byte: number) => ({ type: "picture", picture: { sha256: sha256(byte) } });

let store: Store;
beforeEach(async () => {
  store = await Store.open(crypto.randomUUID());
});

it("each message that names a file gets it, what waits to be sent as well", async () => {
  const lines = [
    line("1", { key: "room/1", id: "a", mine: false, body: picture(1) }),
    line("2", { key: "room/2", id: "b", mine: true, body: picture(1) }),
    line("3", { key: "room/3", id: "c", mine: false, body: { type: "text", text: "" } }),
    line("~9", {
      key: "own/d",
      id: "d",
      mine: true,
      body: { type: "file", file: { sha256: sha256(2) } },
    }),
  ];
  const files = [record(key("01"), Uint8Array.of(1)), record(key("02"), Uint8Array.of(2))];
  // Nobody names this one.
  files.push(record(key("03"), Uint8Array.of(3)));
  await store.commit([...lines, ...files], []);
  await moveFiles(store);
  expect(await store.keys("files/")).toEqual(["files/own/b", "files/own/d", "files/room/1"]);
  expect(await store.read("files/own/b")).toEqual(Uint8Array.of(1));
  expect(await store.read("files/room/1")).toEqual(Uint8Array.of(1));
  expect(await store.read("files/own/d")).toEqual(Uint8Array.of(2));
  // Once and for all.
  const scan = vi.spyOn(store, "from");
  await moveFiles(store);
  expect(scan).not.toHaveBeenCalled();
});

it("what is cut off goes on with the next start", async () => {
  const lines = [1, 2].map((byte) =>
    line(`${byte}`, { key: `room/${byte}`, id: "a", mine: false, body: picture(byte) }),
  );
  const files = ["01", "02"].map((byte) => record(key(byte), Uint8Array.of(7)));
  await store.commit([...lines, ...files], []);
  const full = new DOMException("full", "QuotaExceededError");
  vi.spyOn(store, "commit").mockRejectedValueOnce(full);
  await moveFiles(store);
  expect(await store.keys("files/")).toEqual([key("01"), "files/room/2"]);
  await moveFiles(store);
  expect(await store.keys("files/")).toEqual(["files/room/1", "files/room/2"]);
});

it("while an entry does not open, a file that nobody names stays", async () => {
  const garbled = record("history/bo/1", new TextEncoder().encode("{"));
  await store.commit([garbled, record(key("01"), Uint8Array.of(1))], []);
  await moveFiles(store);
  expect(await store.keys("files/")).toEqual([key("01")]);
});
