import "fake-indexeddb/auto";
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Effect, Input, Picture } from "../engine.gen";
import type { CoreEvent } from "../messages";
import { Host } from "./host";
import { Store, type StoredRecord } from "./store";

const step = vi.hoisted(() => vi.fn<(input: Input) => Effect[]>());
const emitted = vi.hoisted(() => [] as string[]);
const startEngine = vi.hoisted(() => vi.fn<(records: StoredRecord[]) => Promise<unknown>>());
vi.mock("./engine", () => ({ startEngine }));
const uploads = vi.hoisted(() =>
  vi.fn<(path: string, form: FormData, how: { signal: AbortSignal }) => Promise<unknown>>(),
);
vi.mock("../api", async (original) => ({ ...(await original<object>()), upload: uploads }));
vi.mock("./socket", () => ({
  Socket: class {
    connect() {}
    close() {}
    emit(event: { name: string }) {
      emitted.push(event.name);
      return Promise.resolve({ type: "json", value: { ok: true } });
    }
  },
}));

let store: Store;
let told: CoreEvent[];
let host: Host | null = null;
const displaced = vi.fn();

async function start(): Promise<Host> {
  host = await Host.start({ store, tell: (event) => told.push(event), displaced });
  return host;
}

beforeEach(async () => {
  store = await Store.open(crypto.randomUUID());
  told = [];
  emitted.length = 0;
  step.mockReset();
  startEngine.mockReset().mockResolvedValue({ step });
  uploads.mockReset();
  displaced.mockReset();
});
afterEach(() => host?.stop());

const persist: Effect = {
  type: "persist",
  puts: [{ key: "state/a", value: new Uint8Array([1]) }],
  deletes: [],
};
const emit: Effect = { type: "emit", id: 7, event: { name: "ack", payload: { cursors: {} } } };

describe("the host", () => {
  it("makes records durable before anything that follows", async () => {
    const order: string[] = [];
    const commit = store.commit.bind(store);
    vi.spyOn(store, "commit").mockImplementation(async (puts, deletes) => {
      await commit(puts, deletes);
      order.push(`durable, ${emitted.length} emitted`);
    });
    step.mockImplementation((input) => (input.type === "started" ? [persist, emit] : []));
    await start();
    await vi.waitFor(() => expect(step).toHaveBeenCalledTimes(2));
    expect(order).toEqual(["durable, 0 emitted"]);
    expect(step.mock.calls[1]?.[0]).toEqual({
      type: "reply",
      id: 7,
      outcome: { type: "json", value: { ok: true } },
    });
  });

  it("tells the engine of records that do not open", async () => {
    step.mockReturnValue([]);
    const account = crypto.randomUUID();
    store = await Store.open(account);
    const keys = ["state/a", "state/b"];
    await store.commit(
      keys.map((key) => ({ key, value: new Uint8Array([1]) })),
      [],
    );
    const raw = await openDB(`snug-${account}`);
    await raw.put("records", new Uint8Array(40), "state/a");
    raw.close();
    await start();
    expect(startEngine).toHaveBeenCalledExactlyOnceWith([
      { key: "state/b", value: new Uint8Array([1]) },
      { key: "state/a", value: new Uint8Array() },
    ]);
  });

  it("uploads a record, and answers", async () => {
    uploads.mockResolvedValue({ attachment_id: "a" });
    const value = new Uint8Array([1, 2, 3]);
    const stored: Effect = { type: "persist", puts: [{ key: "files/x", value }], deletes: [] };
    const upload: Effect = { type: "upload", id: 3, room_id: "room", file: "files/x" };
    step.mockImplementation((input) => (input.type === "started" ? [stored, upload] : []));
    (await start()).signIn();
    await vi.waitFor(() => expect(step).toHaveBeenCalledTimes(2));
    const [path, form] = uploads.mock.calls[0]!;
    expect([path, form.get("room_id")]).toEqual(["/api/messages/image", "room"]);
    expect(await (form.get("file") as Blob).bytes()).toEqual(value);
    expect(step.mock.calls[1]?.[0]).toEqual({
      type: "reply",
      id: 3,
      outcome: { type: "json", value: { attachment_id: "a" } },
    });
    expect(told).toContainEqual({ type: "transfer", file: "files/x", done: null });
  });

  it("breaks an upload off when its record is deleted", async () => {
    uploads.mockImplementation(
      (_, __, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    );
    const upload: Effect = { type: "upload", id: 3, room_id: "room", file: "files/x" };
    const dropped: Effect = { type: "persist", puts: [], deletes: ["files/x"] };
    step.mockImplementation((input) => {
      if (input.type === "started") return [upload];
      return input.type === "tick" ? [dropped] : [];
    });
    const running = await start();
    running.signIn();
    await vi.waitFor(() => expect(uploads).toHaveBeenCalled());
    running.input({ type: "tick" });
    await vi.waitFor(() => expect(step).toHaveBeenCalledTimes(3));
    expect(step.mock.calls[2]?.[0]).toMatchObject({ type: "reply", id: 3 });
  });

  it("hands out nothing of a file whose record it deletes", async () => {
    const value = new Uint8Array([4, 5]);
    await store.commit([{ key: "files/x", value }], []);
    const opened = vi.fn(() => value);
    startEngine.mockResolvedValue({ step, openPicture: opened });
    step.mockReturnValueOnce([{ type: "persist", puts: [], deletes: ["files/x"] }]);
    // The commit is still under way.
    const commit = vi.spyOn(store, "commit").mockReturnValue(new Promise(() => undefined));
    const running = await start();
    await vi.waitFor(() => expect(commit).toHaveBeenCalled());
    const answer = await running.files.open("files/x", null, { kind: "gif" } as Picture);
    expect(answer).toEqual({ ok: false, fault: "gone" });
    commit.mockRestore();
    host = null;
  });

  it("keeps requests until there is a session", async () => {
    vi.stubGlobal("origin", "https://chat.example.org");
    const fetch = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("[]"));
    step.mockImplementation((input) =>
      input.type === "started"
        ? [
            {
              type: "request",
              id: 1,
              method: "GET",
              path: "/api/rooms",
              body: null,
              response: "json",
            },
          ]
        : [],
    );
    const running = await start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(fetch).not.toHaveBeenCalled();
    running.signIn();
    await vi.waitFor(() => expect(step).toHaveBeenCalledTimes(2));
    expect(step.mock.calls[1]?.[0]).toMatchObject({ outcome: { type: "json", value: [] } });
    // By its whole address: a worker made from a blob has none that a path could stand on.
    const [address] = fetch.mock.calls[0]!;
    expect(String(address)).toBe("https://chat.example.org/api/rooms");
    fetch.mockRestore();
    vi.unstubAllGlobals();
  });

  it("tells notices in their place and takes inputs one at a time", async () => {
    step.mockImplementation((input) =>
      input.type === "started"
        ? [{ type: "notify", notice: { type: "outbox", count: 1 } }, persist]
        : [{ type: "notify", notice: { type: "outbox", count: 0 } }],
    );
    const running = await start();
    running.input({ type: "tick" });
    await vi.waitFor(() => expect(told).toHaveLength(2));
    expect(told.map((event) => event.type === "notices" && event.notices)).toEqual([
      [{ type: "outbox", count: 1 }],
      [{ type: "outbox", count: 0 }],
    ]);
  });

  it("stops without a trace when another tab writes", async () => {
    step.mockReturnValue([persist, emit]);
    await store.commit([], []);
    vi.spyOn(store, "commit").mockRejectedValue(new (await import("./store")).NotTheWriter());
    await start();
    await vi.waitFor(() => expect(displaced).toHaveBeenCalledOnce());
    expect(emitted).toEqual([]);
    expect(told).toEqual([]);
  });

  it("drops an input that does not fit and goes on", async () => {
    step.mockImplementationOnce(() => {
      throw new Error("missing field `room_id`");
    });
    step.mockReturnValue([{ type: "notify", notice: { type: "outbox", count: 0 } }]);
    const running = await start();
    running.input({ type: "tick" });
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]?.type).toBe("notices");
  });

  it("says so when the engine fails", async () => {
    step.mockImplementation(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    });
    await start();
    await vi.waitFor(() => expect(told).toEqual([{ type: "fatal", fault: "engine" }]));
  });
});
