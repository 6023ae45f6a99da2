import { beforeEach, expect, it, vi } from "vitest";
import type { Prepared } from "@/core/picture-file";
import { choose, drop, forgetChosen, MOST_CHOSEN, takeChosen, trayOf } from "./chosen";

const prepare = vi.hoisted(() => vi.fn<(method: string, file: File) => Promise<Prepared>>());
vi.mock("@/core/core", () => ({ call: prepare }));

const picture = { file: new Blob(["x"]), width: 1, height: 1, preview: new Uint8Array() };
const file = (name: string) => new File(["x"], name);

const tray = () => trayOf("bo");

beforeEach(() => {
  forgetChosen();
  prepare.mockReset();
  prepare.mockResolvedValue({ ok: true, picture });
});

it("files are taken in order and sent once", async () => {
  prepare.mockResolvedValueOnce({ ok: true, picture });
  prepare.mockResolvedValueOnce({ ok: true, picture: null });
  await choose("bo", [file("a.png"), file("b.pdf")]);
  expect(tray().chosen).toHaveLength(2);
  expect(takeChosen("bo")).toMatchObject([{ picture }, { kind: "file", file: { name: "b.pdf" } }]);
  expect(tray().chosen).toEqual([]);
  expect(takeChosen("bo")).toEqual([]);
});

it("what cannot be sent is told of, and the rest is taken", async () => {
  prepare.mockResolvedValueOnce({ ok: false, fault: "no_picture" });
  await choose("bo", [file("notes.png"), file("b.png")]);
  expect(tray().chosen).toHaveLength(1);
  expect(tray().fault).toEqual({ name: "notes.png", fault: "no_picture" });
  await choose("bo", [file("c.png")]);
  expect(tray().fault).toBeNull();
});

it("one that is dropped while it is prepared does not come back", async () => {
  let answer: (prepared: Prepared) => void = () => undefined;
  prepare.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  const choosing = choose("bo", [file("a.png")]);
  drop("bo", tray().chosen[0]!.id);
  answer({ ok: true, picture });
  await choosing;
  expect(tray().chosen).toEqual([]);
});

it("there is a limit", async () => {
  const names = Array.from({ length: MOST_CHOSEN + 1 }, (_, index) => `${index}.png`);
  await choose("bo", names.map(file));
  expect(tray().chosen).toHaveLength(MOST_CHOSEN);
  expect(tray().fault).toEqual({ name: `${MOST_CHOSEN}.png`, fault: "too_many" });
});
