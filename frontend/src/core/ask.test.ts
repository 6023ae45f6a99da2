import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Notice } from "./engine.gen";
import type { CoreEvent } from "./messages";

const listeners = new Set<(event: CoreEvent) => void>();
const call = vi.fn(() => Promise.resolve());
vi.mock("./core", () => ({
  call,
  onCoreEvent(listener: (event: CoreEvent) => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
}));
const { ask, isAsking } = await import("./ask");
const { Refused } = await import("./refused");

const tell = (...notices: Notice[]) => {
  for (const listener of listeners) listener({ type: "notices", notices });
};
const make = () =>
  ask({ type: "make_recovery_key" }, (notice) =>
    notice.type === "recovery_key" ? notice.text : undefined,
  );
const refusal = (id: string | null): Notice => ({
  type: "refused",
  id,
  failure: { code: "step-up-required", detail: "" },
});

beforeEach(() => listeners.clear());

describe("a command that wants an answer", () => {
  it("gets the first that fits", async () => {
    const key = make();
    expect(isAsking()).toBe(true);
    tell({ type: "outbox", count: 0 }, { type: "recovery_key", text: "ABCDE" });
    tell({ type: "recovery_key", text: "later" });
    await expect(key).resolves.toBe("ABCDE");
    expect(isAsking()).toBe(false);
    expect(listeners.size).toBe(0);
  });

  it("is refused, but not by what is said of a message", async () => {
    const key = make();
    tell(refusal("019a"), refusal(null));
    await expect(key).rejects.toBeInstanceOf(Refused);
    expect(isAsking()).toBe(false);
  });

  it("fails with what is thrown at the answer, and with a worker that is gone", async () => {
    const thrown = ask({ type: "make_recovery_key" }, () => {
      throw new RangeError("no key of ours");
    });
    tell({ type: "outbox", count: 0 });
    await expect(thrown).rejects.toBeInstanceOf(RangeError);
    const lost = make();
    for (const listener of listeners) listener({ type: "fatal", fault: "engine" });
    await expect(lost).rejects.toBeInstanceOf(Refused);
  });

  it("does not wait for ever", async () => {
    vi.useFakeTimers();
    const key = make();
    const seen = expect(key).rejects.toMatchObject({ failure: { code: "timeout" } });
    await vi.advanceTimersByTimeAsync(60_000);
    await seen;
    vi.useRealTimers();
  });
});
