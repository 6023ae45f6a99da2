import type { Entry, RoomEvent } from "@/core/engine.gen";
import en from "@/i18n/en.json";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { eventTexts } from "./event-text";

const names: Record<string, string> = { me: "Cy", ana: "Ana", ben: "Ben", dora: "Dora" };

beforeAll(async () => {
  const texts = { translation: en };
  await i18next.init({
    lng: "en",
    resources: { en: texts },
    interpolation: { escapeValue: false },
  });
});

function told(event: RoomEvent, sender = "ana"): string[] {
  const sent_at = new Date(2026, 10, 21, 12).getTime();
  const entry = { sender, sent_at, body: { type: "room", events: [event] } } as Entry;
  const nameOf = (user: string) => names[user] ?? "Somebody";
  return eventTexts(entry, { t: i18next.t, locale: "en", me: "me", nameOf });
}

describe("what somebody did to a group", () => {
  it("says who did what to whom", () => {
    expect(told({ type: "added", users: ["ben", "dora"] })).toEqual(["Ana added Ben and Dora."]);
    expect(told({ type: "added", users: ["ben"] }, "me")).toEqual(["You added Ben."]);
    expect(told({ type: "removed", users: ["me"] })).toEqual(["Ana removed you."]);
    expect(told({ type: "left" }, "ben")).toEqual(["Ben left."]);
    expect(told({ type: "left" }, "me")).toEqual(["You left."]);
    expect(told({ type: "named", name: "Hikes" })).toEqual(["Ana named the group “Hikes”."]);
  });

  it("blames nobody for what nobody is known to have done", () => {
    expect(told({ type: "gone", users: ["ben"] })).toEqual(["Ben is no longer in the group."]);
  });

  it("says what the server did, and not that anybody did it", () => {
    expect(told({ type: "set_back" }).join(" ")).toMatch(
      /^The server went back .* may be missing\.$/,
    );
  });

  it("tells who comes back what was done while nobody could see by whom", () => {
    const meanwhile = {
      type: "meanwhile",
      added: ["dora"],
      gone: ["ana", "ben"],
      granted: ["dora", "me"],
      revoked: ["ana"],
    } as const satisfies RoomEvent;
    expect(told(meanwhile, "me")).toEqual([
      "Dora was added meanwhile.",
      "Ana and Ben are no longer in the group.",
      "You are an admin now.",
      "Dora is an admin now.",
      "Ana is no longer an admin.",
    ]);
  });

  it("says whose keys changed, and when", () => {
    expect(told({ type: "keys_changed", user: "ben" }, "ben")).toEqual([
      "Ben's keys changed on November 21, 2026.",
    ]);
  });

  it("tells of roles, one's own apart", () => {
    expect(told({ type: "roles", granted: ["me", "ben"], revoked: [] })).toEqual([
      "Ana made you an admin.",
      "Ana made Ben an admin.",
    ]);
    expect(told({ type: "roles", granted: [], revoked: ["me"] })).toEqual([
      "You are no longer an admin.",
    ]);
  });
});
