import type { Session } from "@/protocol.gen";
import { describe, expect, it } from "vitest";
import { inOrder } from "./queries";

const session = (session_id: string, hour: number, current = false): Session => ({
  session_id,
  created_at: "2026-03-01T08:00:00Z",
  last_used_at: `2026-03-04T${String(hour).padStart(2, "0")}:00:00Z`,
  expires_at: "2026-04-01T08:00:00Z",
  user_agent: null,
  address: null,
  current,
});

describe("the order of sessions", () => {
  it("begins with this one, then the one used last", () => {
    const mixed = [session("old", 9), session("here", 8, true), session("new", 11)];
    expect(inOrder(mixed).map(({ session_id }) => session_id)).toEqual(["here", "new", "old"]);
  });
});
