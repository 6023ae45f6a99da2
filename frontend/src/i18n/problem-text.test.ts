import { ApiError, NetworkError } from "@/core/api";
import type { Code } from "@/protocol.gen";
import i18next, { type TFunction } from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import en from "./en.json";
import { durationText, problemText } from "./problem-text";

let t: TFunction;
beforeAll(async () => {
  t = await i18next.init({
    lng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
});

const refusal = (code: Code, members = {}) =>
  new ApiError({ type: "", title: "", status: 422, detail: "", code, ...members });

describe("what a failure is called", () => {
  it("tells the time left of a lock", () => {
    expect(problemText(refusal("locked", { retry_after: 270 }), t)).toBe(
      "Too many wrong codes. Try again in 4 min 30 s. Your account is intact.",
    );
  });

  it("tells when the next code appears", () => {
    expect(problemText(refusal("code-used"), t, 1_700_000_018_000)).toContain("in 22 s");
  });

  it("tells a slow clock from a fast one", () => {
    const drift = (seconds: number) =>
      problemText(refusal("invalid-code", { reason: "clock-drift", seconds }), t);
    expect(drift(-120)).toContain("about 2 minutes slow");
    expect(drift(60)).toContain("about 60 seconds fast");
  });

  it("has words for silence and for the unheard-of", () => {
    expect(problemText(new NetworkError(null), t)).toBe(en.errors.network);
    expect(problemText(refusal("unknown"), t)).toBe(en.problems.unknown);
    expect(problemText(new Error("x"), t)).toBe(en.problems.unknown);
  });
});

describe("durationText", () => {
  it("leaves out what is zero", () => {
    expect(durationText(0, t)).toBe("0 s");
    expect(durationText(45, t)).toBe("45 s");
    expect(durationText(120, t)).toBe("2 min");
  });
});
