import { describe, expect, it } from "vitest";
import { duration, timers } from "./durations";

describe("after how long messages go away", () => {
  it("is said in the largest unit", () => {
    const said = timers.map((seconds) => seconds && duration(seconds, "en"));
    expect(said).toEqual([null, "30 seconds", "5 minutes", "1 hour", "1 day", "1 week", "4 weeks"]);
    expect(duration(90 * 60, "en")).toBe("90 minutes");
    expect(duration(301, "en")).toBe("301 seconds");
  });

  it("is said in the person's language, and shortly", () => {
    expect(duration(604_800, "fr")).toMatch(/^1\ssemaine$/u);
    expect(duration(3_600, "en", "narrow")).toBe("1h");
  });
});
