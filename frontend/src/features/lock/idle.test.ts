import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchIdle } from "./idle";

const MINUTE = 60_000;

describe("a page that nobody touches", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("is noticed once, after the time", () => {
    const idle = vi.fn();
    watchIdle(new EventTarget(), 15 * MINUTE, idle);
    vi.advanceTimersByTime(15 * MINUTE - 1);
    expect(idle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20 * MINUTE);
    expect(idle).toHaveBeenCalledOnce();
  });

  it("begins anew with each touch", () => {
    const [page, idle] = [new EventTarget(), vi.fn()];
    watchIdle(page, 15 * MINUTE, idle);
    vi.advanceTimersByTime(14 * MINUTE);
    page.dispatchEvent(new Event("keydown"));
    vi.advanceTimersByTime(14 * MINUTE);
    expect(idle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2 * MINUTE);
    expect(idle).toHaveBeenCalledOnce();
  });

  it("is noticed by the first touch after the computer slept", () => {
    const [page, idle] = [new EventTarget(), vi.fn()];
    watchIdle(page, 15 * MINUTE, idle);
    vi.setSystemTime(Date.now() + 60 * MINUTE);
    page.dispatchEvent(new Event("pointermove"));
    expect(idle).toHaveBeenCalledOnce();
  });

  it("is not watched any more when it is stopped", () => {
    const idle = vi.fn();
    watchIdle(new EventTarget(), MINUTE, idle)();
    vi.advanceTimersByTime(5 * MINUTE);
    expect(idle).not.toHaveBeenCalled();
  });
});
