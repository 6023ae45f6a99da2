import "fake-indexeddb/auto";
import { beforeEach, expect, it, vi } from "vitest";
import { ApiError, NetworkError } from "../../api";
import type { Document, Picture } from "../../engine.gen";
import type { CoreEvent } from "../../messages";
import { Store } from "../store";
import { Files } from "./files";

const download = vi.hoisted(() =>
  vi.fn<(path: string, transfer: { signal: AbortSignal }) => Promise<Uint8Array>>(),
);
vi.mock("../../api", async (original) => ({ ...(await original<object>()), download }));

/** Sealed is what begins with a 7. */
const openPicture = (sealed: Uint8Array) => {
  if (sealed[0] !== 7) throw new Error("the file is not the one that was sent");
  return sealed.subarray(1);
};
const opener = (sealed: Uint8Array) => {
  const pieces = [openPicture(sealed)];
  return { nextPiece: () => pieces.shift() as Uint8Array<ArrayBuffer> | undefined, free() {} };
};
const sealer = () => ({
  push: (bytes: Uint8Array) => new Uint8Array(bytes),
  finish: () => ({ ciphertext: Uint8Array.of(9), key: "a2V5", sha256: "AAE=" }),
  free() {},
});
const engine = { openPicture, opener, sealer };
const document = { sha256: "AAE=", size: 2 } as Document;
const picture = { sha256: "AAE=", kind: "gif" } as Picture;
const KEY = "files/room/1";
const OTHER = "files/room/2";

let store: Store;
let told: CoreEvent[];
let files: Files;
beforeEach(async () => {
  store = await Store.open(crypto.randomUUID());
  told = [];
  download.mockReset();
  const tell = (event: CoreEvent) => void told.push(event);
  const signedIn = Promise.resolve();
  files = new Files({ store, engine, signedIn, tell, pauses: [] });
});

it("a picture is fetched once and kept", async () => {
  download.mockResolvedValue(Uint8Array.of(7, 1, 2));
  const both = await Promise.all([files.open(KEY, "a", picture), files.open(KEY, "a", picture)]);
  for (const opened of both) {
    expect(opened.ok && opened.file.type).toBe("image/gif");
    expect(opened.ok && (await opened.file.bytes())).toEqual(Uint8Array.of(1, 2));
  }
  expect(download.mock.calls.map(([path]) => path)).toEqual(["/api/attachments/a"]);
  expect(told.at(-1)).toEqual({ type: "transfer", file: KEY, done: null });
  expect((await files.open(KEY, "a", picture)).ok).toBe(true);
  expect(download).toHaveBeenCalledTimes(1);
});

it("what one message keeps is nothing to another that names the same file", async () => {
  download.mockResolvedValue(Uint8Array.of(7, 1));
  const both = await Promise.all([files.open(KEY, "a", picture), files.open(OTHER, "b", picture)]);
  expect(both.map(({ ok }) => ok)).toEqual([true, true]);
  const asked = download.mock.calls.map(([path]) => path);
  expect(asked.toSorted()).toEqual(["/api/attachments/a", "/api/attachments/b"]);
  await store.commit([], [KEY]);
  expect(await store.read(OTHER)).toEqual(Uint8Array.of(7, 1));
  // Another key opens nothing, although the same bytes lie there for somebody else.
  download.mockResolvedValue(Uint8Array.of(0));
  expect(await files.open(KEY, "c", picture)).toEqual({ ok: false, fault: "damaged" });
});

it("what is fetched for a message that is gone meanwhile is neither kept nor shown", async () => {
  let arrive: (file: Uint8Array) => void = () => undefined;
  download.mockImplementation(() => new Promise((resolve) => (arrive = resolve)));
  const opening = files.open(KEY, "a", picture);
  await vi.waitFor(() => expect(download).toHaveBeenCalled());
  files.drop(KEY);
  arrive(Uint8Array.of(7, 1));
  expect(await opening).toEqual({ ok: false, fault: "gone" });
  // Asked for by a page that has not heard of it.
  await store.commit([{ key: KEY, value: Uint8Array.of(7, 1) }], []);
  expect(await files.open(KEY, "a", picture)).toEqual({ ok: false, fault: "gone" });
  await store.commit([], [KEY]);
  expect((await files.open(OTHER, null, picture)).ok).toBe(false);
  expect(await store.keys("files/")).toEqual([]);
});

it("what is kept and does not open is fetched anew", async () => {
  await store.commit([{ key: KEY, value: Uint8Array.of(0) }], []);
  download.mockResolvedValue(Uint8Array.of(7, 1));
  expect((await files.open(KEY, "a", picture)).ok).toBe(true);
  expect(await store.read(KEY)).toEqual(Uint8Array.of(7, 1));
});

it("other bytes than were sent are neither shown nor kept", async () => {
  download.mockResolvedValue(Uint8Array.of(0, 1, 2));
  expect(await files.open(KEY, "a", picture)).toEqual({ ok: false, fault: "damaged" });
  expect(await store.read(KEY)).toBeNull();
});

it("a network that fails once is no reason to ask anybody", async () => {
  files = new Files({
    store,
    engine,
    signedIn: Promise.resolve(),
    tell: () => undefined,
    pauses: [1],
  });
  download.mockRejectedValueOnce(new NetworkError("lost"));
  download.mockResolvedValueOnce(Uint8Array.of(7, 1));
  expect((await files.open(KEY, "a", picture)).ok).toBe(true);
  expect(download).toHaveBeenCalledTimes(2);
});

it("why it is not here is told apart", async () => {
  const problem = (status: number) =>
    new ApiError({ type: "", title: "", detail: "", status, code: "unknown" });
  for (const [fault, expected] of [
    [problem(404), "gone"],
    [problem(410), "gone"],
    [problem(503), "offline"],
    [problem(401), "offline"],
    [new NetworkError("lost"), "offline"],
  ] as const) {
    download.mockRejectedValueOnce(fault);
    expect(await files.open(KEY, "a", picture)).toEqual({ ok: false, fault: expected });
  }
  // One of mine that is not uploaded yet, and not here any more.
  expect(await files.open(KEY, null, picture)).toEqual({ ok: false, fault: "damaged" });
});

it("a file is opened without a type, and nothing else than was told of", async () => {
  download.mockResolvedValue(Uint8Array.of(7, 1, 2));
  const opened = await files.openFile(KEY, "a", document);
  expect(opened.ok && opened.file.type).toBe("application/octet-stream");
  expect(opened.ok && (await opened.file.bytes())).toEqual(Uint8Array.of(1, 2));
  await store.commit([], [KEY]);
  const other = await files.openFile(KEY, "a", { ...document, size: 3 });
  expect(other).toEqual({ ok: false, fault: "damaged" });
});

it("a download stops when nobody wants it any more", async () => {
  download.mockImplementation(
    (_, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(new NetworkError("aborted"))),
      ),
  );
  const opening = files.openFile(KEY, "a", document);
  await vi.waitFor(() => expect(download).toHaveBeenCalled());
  files.stopOpening(KEY);
  expect(await opening).toEqual({ ok: false, fault: "stopped" });
  expect(told.at(-1)).toEqual({ type: "transfer", file: KEY, done: null });
});

it("a file to be sent is sealed and kept", async () => {
  const file = new File(["ab"], "a.pdf", { type: "application/pdf" });
  expect(await files.seal(KEY, file, "as agreed")).toEqual({
    key: "a2V5",
    sha256: "AAE=",
    size: 2,
    name: "a.pdf",
    media_type: "application/pdf",
    caption: "as agreed",
  });
  expect(await store.read(KEY)).toEqual(Uint8Array.of(97, 98, 9));
});
