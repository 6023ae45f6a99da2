import { ApiError } from "@/core/api";
import type { Code } from "@/protocol.gen";
import { describe, expect, it } from "vitest";
import { challengeOf } from "./challenge";
import { firstMethod } from "./use-factor-code";

const refusal = (code: Code, members = {}) =>
  new ApiError({ type: "", title: "", status: 403, detail: "", code, ...members });

describe("a refusal that asks for a second factor", () => {
  it("names the challenge and its methods", () => {
    const fault = refusal("step-up-required", { challenge_id: "c", methods: ["email", "totp"] });
    expect(challengeOf(fault, "step-up-required")).toEqual({
      id: "c",
      methods: ["email", "totp"],
    });
  });

  it("is told from others", () => {
    expect(
      challengeOf(refusal("mfa-required", { challenge_id: "c" }), "step-up-required"),
    ).toBeNull();
    expect(challengeOf(refusal("step-up-required"), "step-up-required")).toBeNull();
    expect(challengeOf(new Error("x"), "mfa-required")).toBeNull();
  });
});

describe("the method that is offered first", () => {
  it("is the authenticator app where there is one, and never one that this app cannot do", () => {
    expect(firstMethod({ methods: ["recovery", "totp"] })).toBe("totp");
    // No passkeys here: tests have no browser.
    expect(firstMethod({ methods: ["passkey", "email"] })).toBe("email");
    expect(firstMethod({ methods: ["passkey"] })).toBe("recovery");
  });
});
