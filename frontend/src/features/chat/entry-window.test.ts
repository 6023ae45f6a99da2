import type { Entry } from "@/core/engine.gen";
import { describe, expect, it } from "vitest";
import { append, emptyWindow, prepend, upsert, without } from "./entry-window";

const entry = (key: string, position: string, state: Entry["state"] = "sent") =>
  ({ key, position, state }) as Entry;
const keys = (window: { entries: readonly Entry[] }) =>
  window.entries.map(({ key }) => key).join("");

describe("the window of entries", () => {
  it("keeps what was told before the page was read", () => {
    const told = upsert(emptyWindow, entry("c", "3"));
    const read = prepend(
      told,
      [entry("a", "1"), entry("b", "2"), entry("c", "3", "sending")],
      true,
    );
    expect(keys(read)).toBe("abc");
    expect(read.entries[2]?.state).toBe("sent");
  });

  it("moves an entry when it is acknowledged", () => {
    let window = prepend(emptyWindow, [entry("a", "1"), entry("b", "2"), entry("x", "9")], false);
    window = upsert(window, entry("y", "95"));
    window = upsert(window, entry("x", "3"));
    expect(keys(window)).toBe("abxy");
  });

  it("leaves out what lies before it", () => {
    const window = prepend(emptyWindow, [entry("e", "5")], true);
    expect(keys(upsert(window, entry("a", "1")))).toBe("e");
    expect(keys(prepend(window, [entry("a", "1")], false))).toBe("ae");
  });

  it("forgets what was discarded", () => {
    const window = prepend(emptyWindow, [entry("a", "1"), entry("b", "2")], false);
    expect(keys(without(window, "a"))).toBe("b");
  });

  it("stands apart from the end until what is between was read", () => {
    let window = prepend(emptyWindow, [entry("e", "5")], true);
    window = append(window, [entry("e", "5", "failed"), entry("f", "6")], true);
    expect(keys(window)).toBe("ef");
    expect(window.entries[0]?.state).toBe("sent");
    expect(keys(upsert(window, entry("x", "9")))).toBe("ef");
    window = append(window, [entry("f", "6"), entry("g", "7")], false);
    expect(keys(upsert(window, entry("x", "9")))).toBe("efgx");
  });
});
