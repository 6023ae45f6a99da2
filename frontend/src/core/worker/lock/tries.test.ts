import { describe, expect, it } from "vitest";
import { afterWrong, type Tries, waitsUntil } from "./tries";

describe("wrong passphrases", () => {
  it("cost nothing twice, then more and more, never more than five minutes", () => {
    const pauses: number[] = [];
    let tries: Tries | undefined;
    for (let wrong = 0; wrong < 12; wrong++) {
      tries = afterWrong(tries, 1_000);
      pauses.push((tries.until - 1_000) / 1_000);
    }
    expect(pauses).toEqual([0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300, 300]);
  });

  it("are waited for, and not when the clock was set back", () => {
    expect(waitsUntil(undefined, 0)).toBeNull();
    expect(waitsUntil({ count: 3, until: 5_000 }, 1_000)).toBe(5_000);
    expect(waitsUntil({ count: 3, until: 5_000 }, 5_000)).toBeNull();
    expect(waitsUntil({ count: 3, until: 9_000_000 }, 1_000)).toBeNull();
  });
});
