import type { LinkState } from "@/core/engine.gen";
import { describe, expect, it, vi } from "vitest";

vi.mock("@/core/core", () => ({ call: vi.fn(), onCoreEvent: vi.fn() }));
vi.mock("@/core/store", () => ({ patchCore: vi.fn() }));
const { afterLink } = await import("./linking");

const expires_at = 120_000;
const asked: LinkState = { type: "asked", expires_at };
const digits: LinkState = { type: "enter_digits", expires_at };
const failed = (type: "expired" | "not_a_code" | "wrong_digits"): LinkState => ({
  type: "failed",
  reason: { type },
});

describe("linking, on the device in use", () => {
  it("asks when a new device asks", () => {
    expect(afterLink({ type: "closed" }, asked)).toEqual({ type: "follow", link: asked });
    expect(afterLink({ type: "await" }, asked)).toEqual({ type: "follow", link: asked });
  });

  it("follows what was begun here", () => {
    const screen = afterLink({ type: "follow", link: asked }, digits);
    expect(screen).toEqual({ type: "follow", link: digits });
    const link = failed("wrong_digits");
    expect(afterLink(screen, link)).toEqual({ type: "follow", link });
  });

  it("says at the camera that something else was scanned", () => {
    expect(afterLink({ type: "scan", error: null, sent: true }, failed("not_a_code"))).toEqual({
      type: "scan",
      error: "not_a_code",
      sent: false,
    });
  });

  it("goes away without a word when a question was not answered", () => {
    const screen = { type: "follow", link: asked } as const;
    expect(afterLink(screen, { type: "idle" })).toEqual({ type: "closed" });
    expect(afterLink(screen, failed("expired"))).toEqual({ type: "closed" });
  });

  it("shows nothing of what another device does", () => {
    const link: LinkState = { type: "waiting", expires_at };
    expect(afterLink({ type: "closed" }, link)).toEqual({ type: "closed" });
    expect(afterLink({ type: "closed" }, { type: "done" })).toEqual({ type: "closed" });
  });
});
