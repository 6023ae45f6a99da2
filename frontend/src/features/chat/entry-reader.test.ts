import type { Entry } from "@/core/engine.gen";
import type { HistoryPage } from "@/core/messages";
import { describe, expect, it } from "vitest";
import { EntryReader, type ReadHistory } from "./entry-reader";

const PAGE = 2;
const entry = (position: string, state: Entry["state"] = "sent") =>
  ({ key: `k${position}`, position, state }) as Entry;

/** Records of ten entries, 0 to 9. */
const records = Array.from({ length: 10 }, (_, index) => entry(String(index)));

const read: ReadHistory = ({ before, from }): Promise<HistoryPage> => {
  if (from !== undefined) {
    const all = records.filter(({ position }) => position >= from);
    return Promise.resolve({ entries: all.slice(0, PAGE), damaged: [], more: all.length > PAGE });
  }
  const all = records.filter(({ position }) => before === undefined || position < before);
  return Promise.resolve({ entries: all.slice(-PAGE), damaged: [], more: all.length > PAGE });
};

const shown = (reader: EntryReader) =>
  reader
    .window()
    .entries.map(({ position }) => position)
    .join("");
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("the reader of a conversation", () => {
  it("begins at the end and goes back page by page", async () => {
    const reader = new EntryReader(read);
    await reader.start();
    expect(shown(reader)).toBe("89");
    reader.loadOlder();
    reader.loadOlder();
    await settled();
    expect(shown(reader)).toBe("6789");
  });

  it("goes to what lies far back, on from there, and back to the end", async () => {
    const reader = new EntryReader(read);
    await reader.start();
    expect(await reader.goTo("3")).toMatchObject({ key: "k3" });
    expect(shown(reader)).toBe("1234");
    expect(reader.window()).toMatchObject({ more: true, newer: true });
    reader.tell({ entry: entry("~1", "sending") });
    expect(shown(reader)).toBe("1234");
    for (let pages = 0; pages < 5; pages++) {
      reader.loadNewer();
      await settled();
    }
    expect(shown(reader)).toBe("123456789");
    expect(reader.window().newer).toBe(false);
    await reader.goTo("0");
    await reader.goToEnd();
    expect(shown(reader)).toBe("89");
  });

  it("stays where it is when nothing stands there any more", async () => {
    const reader = new EntryReader(read);
    await reader.start();
    expect(await reader.goTo("35")).toBeNull();
    expect(shown(reader)).toBe("89");
    expect(await reader.goTo("9")).toMatchObject({ key: "k9" });
  });

  it("shows what was told while the records were read", async () => {
    let answer: (page: HistoryPage) => void = () => undefined;
    const slow: ReadHistory = () => new Promise((resolve) => (answer = resolve));
    const reader = new EntryReader(slow);
    const started = reader.start();
    reader.tell({ entry: entry("9", "failed") });
    reader.tell({ removed: "k8" });
    answer({ entries: [entry("7"), entry("8"), entry("9")], damaged: [], more: false });
    await started;
    expect(shown(reader)).toBe("79");
    expect(reader.window().entries[1]?.state).toBe("failed");
  });

  it("drops an older page that comes after a jump", async () => {
    const answers: ((page: HistoryPage) => void)[] = [];
    let quick = true;
    const reader = new EntryReader((side) =>
      quick ? read(side) : new Promise((resolve) => answers.push(resolve)),
    );
    await reader.start();
    quick = false;
    reader.loadOlder();
    quick = true;
    await reader.goTo("2");
    answers[0]?.({ entries: [entry("6"), entry("7")], damaged: [], more: true });
    await settled();
    expect(shown(reader)).toBe("0123");
  });
});
