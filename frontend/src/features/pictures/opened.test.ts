import { beforeEach, expect, it, vi } from "vitest";
import type { Opened } from "@/core/picture-file";
import { forgetOpened, look, type PictureBody, shownOf, tryAgain } from "./opened";

const answers = vi.hoisted(() => vi.fn<() => Promise<Opened>>());
vi.mock("@/core/core", () => ({ call: answers }));

const body = (name: string) =>
  ({ type: "picture", attachment_id: name, picture: { sha256: btoa(name) } }) as PictureBody;
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
  const stop = look(body(name), listener);
  await vi.waitFor(() => expect(listener).toHaveBeenCalled());
  return stop;
}

it("a picture is opened once for all who look", async () => {
  answers.mockResolvedValue(file(3));
  const stops = [await opened("a"), look(body("a"), () => undefined)];
  expect(answers).toHaveBeenCalledTimes(1);
  expect(shownOf(body("a"))).toMatchObject({ state: "here" });
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
  expect([shownOf(body("a")).state, shownOf(body("b")).state]).toEqual(["loading", "here"]);
});

it("after a fault it is asked for again", async () => {
  answers.mockResolvedValueOnce({ ok: false, fault: "offline" });
  await opened("a");
  expect(shownOf(body("a"))).toEqual({ state: "fault", fault: "offline" });
  answers.mockResolvedValueOnce(file(3));
  tryAgain(body("a"));
  expect(shownOf(body("a"))).toEqual({ state: "loading" });
  await vi.waitFor(() => expect(shownOf(body("a")).state).toBe("here"));
});

it("another account finds nothing open", async () => {
  answers.mockResolvedValue(file(3));
  await opened("a");
  forgetOpened();
  expect(revoked).toHaveBeenCalledTimes(1);
  expect(shownOf(body("a")).state).toBe("loading");
});
