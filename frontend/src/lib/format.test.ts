import { describe, expect, it } from "vitest";
import { ago, countdown, dayName, daysBetween, listTime } from "./format";

const now = new Date(2026, 2, 5, 14, 0).getTime();
const at = (day: number, hour = 12) => new Date(2026, 2, day, hour).getTime();

describe("times for people", () => {
  it("count midnights, not hours", () => {
    expect(daysBetween(at(4, 23), at(5, 1))).toBe(1);
    expect(daysBetween(at(5, 1), at(5, 23))).toBe(0);
    // The night in which summer time begins has 23 hours.
    expect(daysBetween(new Date(2026, 2, 28).getTime(), new Date(2026, 2, 30).getTime())).toBe(2);
  });

  it("are a clock today, a weekday this week, a date before", () => {
    expect(listTime(at(5, 9), now, "en-GB")).toBe("09:00");
    expect(listTime(at(3), now, "en-GB")).toBe("Tue");
    expect(listTime(at(3), now, "fr")).toBe("mar.");
    expect(listTime(new Date(2026, 0, 8).getTime(), now, "en-GB")).toBe("8 Jan");
    expect(listTime(new Date(2025, 0, 8).getTime(), now, "en-GB")).toBe("08/01/25");
  });

  it("leave today and yesterday to the texts", () => {
    expect(dayName(at(5), now, "en-GB")).toBeNull();
    expect(dayName(at(4), now, "en-GB")).toBeNull();
    expect(dayName(at(2), now, "en-GB")).toBe("Monday");
    expect(dayName(new Date(2026, 0, 8).getTime(), now, "en-GB")).toBe("8 January 2026");
  });

  it("tell how long ago", () => {
    expect(ago(now - 20_000, now, "en")).toBe("1 minute ago");
    expect(ago(now - 5 * 60_000, now, "fr")).toBe("il y a 5 minutes");
    expect(ago(at(4), now, "en")).toBe("yesterday");
  });

  it("count down", () => {
    expect(countdown(42)).toBe("0:42");
    expect(countdown(65)).toBe("1:05");
  });
});
