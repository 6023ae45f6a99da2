import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { solutionOf, zeroBits } from "./work";

describe("a puzzle", () => {
  it("is solved as the server checks it", () => {
    const solution = solutionOf("nonce", 12);
    const digest = createHash("sha256").update(`nonce:${solution}`).digest();
    expect(zeroBits(digest)).toBeGreaterThanOrEqual(12);
    expect(solutionOf("nonce", 0)).toBe("0");
  });

  it("counts zero bits over bytes", () => {
    expect(zeroBits(Uint8Array.of(0, 0, 0x1f, 0))).toBe(19);
    expect(zeroBits(Uint8Array.of(0x80))).toBe(0);
  });
});
