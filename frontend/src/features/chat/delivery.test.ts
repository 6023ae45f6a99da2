import type { Entry } from "@/core/engine.gen";
import { describe, expect, it } from "vitest";
import { deliveryOf } from "./delivery";

const marks = [{ room_id: "new", delivered: 5, read: 3 }];
const entry = (change: Partial<Entry>) =>
  ({ state: "sent", room_id: "new", seq: 1, ...change }) as Entry;

describe("deliveryOf", () => {
  it("follows the marks of the entry's own room", () => {
    expect(deliveryOf(entry({ seq: 3 }), marks)).toBe("read");
    expect(deliveryOf(entry({ seq: 5 }), marks)).toBe("delivered");
    expect(deliveryOf(entry({ seq: 6 }), marks)).toBe("sent");
    expect(deliveryOf(entry({ room_id: "old", seq: 1 }), marks)).toBe("sent");
  });

  it("comes after the entry's own state", () => {
    expect(deliveryOf(entry({ state: "sending", seq: null }), marks)).toBe("sending");
    expect(deliveryOf(entry({ state: "failed", seq: null }), marks)).toBe("failed");
  });
});
