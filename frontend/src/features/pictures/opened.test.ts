import { beforeEach, expect, it, vi } from "vitest";
import type { Notice } from "@/core/engine.gen";
import type { CoreEvent } from "@/core/messages";
import type { Opened } from "@/core/picture-file";
import { closeUnseen, forgetOpened, look, type PictureBody, shownOf, tryAgain } from "./opened";

const answers = vi.hoisted(() => vi.fn<(...args: unknown[]) => Promise<Opened>>());
const worker = vi.hoisted(() => ({
  tell: (() => undefined) as (event: CoreEvent) => void,
}));
vi.mock("@/core/core", () => ({
  call: answers,
  onCoreEvent: (listener: (event: CoreEvent) => void) => (worker.tell = listener),
}));

const entry = (name: string) => ({ key: `room/${name}`, id: name, mine: false });
/** Every message names the same file. */
const body = { type: "picture", attachment_id: "a", picture: { sha256: "AAE=" } } as PictureBody;
const tell = (...notices: object[]) =>
  worker.tell({ type: "notices", notices: notices as Notice[] });
const file = (size: number): Opened => ({ ok: true, file: { size } as Blob });
vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:here");
const revoked = vi.spyOn(URL, "revokeObjectURL");

beforeEach(() => {
  forgetOpened();
  revoked.mockClear();
  answers.mockReset();
});

async function opened(name: string): Promise<() => void> {
  const listener = vi.fn();
  const stop = look(entry(name), body, listener);
  await vi.waitFor(() => expect(listener).toHaveBeenCalled());
  return stop;
}

it("a picture is opened once for all who look", async () => {
  answers.mockResolvedValue(file(3));
  const stops = [await opened("a"), look(entry("a"), body, () => undefined)];
  expect(answers).toHaveBeenCalledTimes(1);
  expect(shownOf(entry("a"))).toMatchObject({ state: "here" });
  for (const stop of stops) stop();
  expect(revoked).not.toHaveBeenCalled();
});

it("what nobody looks at is closed when there is much of it", async () => {
  answers.mockImplementation(() => Promise.resolve(file(20_000_000)));
  const stopA = await opened("a");
  const stopB = await opened("b");
  stopA();
  expect(revoked).not.toHaveBeenCalled();
  stopB();
  expect(revoked).toHaveBeenCalledTimes(1);
  expect([shownOf(entry("a")).state, shownOf(entry("b")).state]).toEqual(["loading", "here"]);
});

it("after a fault it is asked for again", async () => {
  answers.mockResolvedValueOnce({ ok: false, fault: "offline" });
  await opened("a");
  expect(shownOf(entry("a"))).toEqual({ state: "fault", fault: "offline" });
  answers.mockResolvedValueOnce(file(3));
  tryAgain(entry("a"), body);
  expect(shownOf(entry("a"))).toEqual({ state: "loading" });
  await vi.waitFor(() => expect(shownOf(entry("a")).state).toBe("here"));
});

it("another account finds nothing open", async () => {
  answers.mockResolvedValue(file(3));
  await opened("a");
  forgetOpened();
  expect(revoked).toHaveBeenCalledTimes(1);
  expect(shownOf(entry("a")).state).toBe("loading");
});

it("what one message opened is shown for no other", async () => {
  answers.mockResolvedValueOnce(file(3));
  await opened("a");
  answers.mockResolvedValueOnce({ ok: false, fault: "damaged" });
  await opened("b");
  expect(answers.mock.calls.map(([, key]) => key)).toEqual(["files/room/a", "files/room/b"]);
  expect(shownOf(entry("a")).state).toBe("here");
  expect(shownOf(entry("b"))).toEqual({ state: "fault", fault: "damaged" });
});

it("a message that is gone takes its picture along, and no other's", async () => {
  answers.mockImplementation(() => Promise.resolve(file(3)));
  const stop = await opened("a");
  stop();
  const looks = [await opened("b"), await opened("c")];
  const removed = (name: string) => ({ type: "removed", conversation: "x", key: entry(name).key });
  tell(removed("a"));
  expect(revoked).toHaveBeenCalledTimes(1);
  // Somebody looks at it.
  tell({ type: "message", conversation: "x", entry: { ...entry("b"), body: { type: "deleted" } } });
  expect(revoked).toHaveBeenCalledTimes(2);
  expect(shownOf(entry("b"))).toEqual({ state: "fault", fault: "gone" });
  tryAgain(entry("b"), body);
  expect(answers).toHaveBeenCalledTimes(3);
  tell({ type: "message", conversation: "x", entry: { ...entry("c"), body } });
  expect(shownOf(entry("c")).state).toBe("here");
  for (const end of looks) end();
  expect(revoked).toHaveBeenCalledTimes(2);
});

it("what is opened for a message that is gone meanwhile is not shown", async () => {
  let answer: (opened: Opened) => void = () => undefined;
  answers.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  look(entry("a"), body, () => undefined);
  tell({ type: "removed", conversation: "x", key: "room/a" });
  vi.mocked(URL.createObjectURL).mockClear();
  answer(file(3));
  await Promise.resolve();
  await Promise.resolve();
  expect(URL.createObjectURL).not.toHaveBeenCalled();
  expect(shownOf(entry("a")).state).toBe("fault");
});

it("after a conversation was erased nothing stays open unseen", async () => {
  answers.mockImplementation(() => Promise.resolve(file(3)));
  (await opened("a"))();
  const stop = await opened("b");
  closeUnseen();
  expect(revoked).toHaveBeenCalledTimes(1);
  stop();
  expect(revoked).toHaveBeenCalledTimes(2);
});
