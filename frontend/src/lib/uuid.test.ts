import { describe, expect, it } from "vitest";
import { uuidV7 } from "./uuid";

describe("uuidV7", () => {
  it("has the form, sorts by time and does not repeat", () => {
    const early = uuidV7(1_700_000_000_000);
    const late = uuidV7(1_700_000_000_001);
    expect(early).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(early < late).toBe(true);
    expect(uuidV7(5)).not.toBe(uuidV7(5));
  });
});
