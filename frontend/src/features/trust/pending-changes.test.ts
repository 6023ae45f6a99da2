import type { KeyChange, PersonTrust } from "@/core/engine.gen";
import { describe, expect, it } from "vitest";
import { closesComposer, pendingChanges } from "./pending-changes";

function changed(user_id: string, more: Partial<KeyChange> = {}): [string, PersonTrust] {
  const change: KeyChange = {
    account_key: "new",
    previous: "old",
    was_verified: false,
    blocks: true,
    declined: false,
    ...more,
  };
  return [user_id, { user_id, verified: false, change, reported: [] }];
}

const held = { waiting: "key_change", waiting_for: ["ben", "bo", "cy"], peer: null } as const;
const names = (...people: [string, PersonTrust][]) =>
  pendingChanges({ ...held, waiting_for: [...held.waiting_for] }, new Map(people)).map(
    ({ user_id }) => user_id,
  );

describe("whose keys a conversation waits for", () => {
  it("asks first about those who had been verified, last about those already answered", () => {
    expect(
      names(
        changed("ben", { declined: true }),
        changed("bo"),
        changed("cy", { was_verified: true }),
      ),
    ).toEqual(["cy", "bo", "ben"]);
  });

  it("names somebody whose new key is not told yet, without an answer to give", () => {
    const direct = { ...held, waiting_for: [], peer: "bo" };
    expect(pendingChanges(direct, new Map())).toEqual([{ user_id: "bo", change: null }]);
  });

  it("is empty when nothing waits for keys", () => {
    const people = new Map([changed("bo")]);
    expect(pendingChanges({ waiting: null, waiting_for: [], peer: "bo" }, people)).toEqual([]);
    expect(pendingChanges(null, people)).toEqual([]);
  });
});

describe("the composer", () => {
  const pending = (...people: [string, PersonTrust][]) =>
    pendingChanges({ ...held, waiting_for: people.map(([user]) => user) }, new Map(people));

  it("is closed by new keys of somebody verified, whatever was answered before", () => {
    expect(closesComposer(pending(changed("bo", { was_verified: true })))).toBe(true);
    const declined = { was_verified: true, declined: true };
    expect(closesComposer(pending(changed("ben"), changed("bo", declined)))).toBe(true);
  });

  it("stays open for others, and when nothing waits", () => {
    expect(closesComposer(pending(changed("ben"), changed("bo")))).toBe(false);
    expect(closesComposer([{ user_id: "bo", change: null }])).toBe(false);
    expect(closesComposer([])).toBe(false);
  });
});
