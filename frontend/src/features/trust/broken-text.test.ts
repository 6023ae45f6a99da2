import en from "@/i18n/en.json";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { brokenText } from "./broken-text";

beforeAll(async () => {
  await i18next.init({ lng: "en", resources: { en: { translation: en } } });
});

describe("what was seen when a conversation broke", () => {
  it("has words for the rules that a person can make sense of", () => {
    expect(brokenText("third-user", i18next.t)).toBe(en.broken.thirdUser);
    expect(brokenText("bad-signature", i18next.t)).toBe(en.broken.badLeaf);
    expect(brokenText("forged-sender", i18next.t)).toBe(en.broken.wrongSender);
  });

  it("claims nothing of what it has no words for", () => {
    for (const reason of ["does-not-verify", "of-a-later-version", "toString", ""]) {
      expect(brokenText(reason, i18next.t), reason).toBe(en.broken.unchecked);
    }
  });
});
