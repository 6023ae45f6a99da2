import type { Contact } from "@/protocol.gen";
import { expect, it } from "vitest";
import { withoutPerson } from "./use-blocks";

const contact = (user_id: string): Contact => ({
  user_id,
  username: user_id,
  name: null,
  avatar: null,
  online: false,
  last_seen: null,
  added_at: "2026-03-01T08:00:00Z",
  room_id: null,
});

it("a blocked person leaves the contacts, and nobody else does", () => {
  const left = withoutPerson([contact("ana"), contact("bo")], { user_id: "bo" });
  expect(left.map(({ user_id }) => user_id)).toEqual(["ana"]);
});
