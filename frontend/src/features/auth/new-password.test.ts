import { ApiError } from "@/core/api";
import en from "@/i18n/en.json";
import i18next, { type TFunction } from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { newPasswordError, ownerOf, refusedPassword } from "./new-password";

let t: TFunction;
beforeAll(async () => {
  t = await i18next.init({
    lng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
});

describe("a new password", () => {
  it("keeps the rules of a sign-up, at their edges", () => {
    const owner = ownerOf("ana");
    expect(newPasswordError("", owner, t)).toBe(en.signUp.errors.passwordRequired);
    expect(newPasswordError("x".repeat(7), owner, t)).toContain("At least 8");
    expect(newPasswordError("x".repeat(8), owner, t)).toBeNull();
    expect(newPasswordError("x".repeat(128), owner, t)).toBeNull();
    expect(newPasswordError("x".repeat(129), owner, t)).toContain("At most 128");
  });

  it("leaves out whose it is, known by name or by address", () => {
    const personal = en.signUp.errors.passwordPersonal;
    expect(newPasswordError("my name is Ana", ownerOf(" ana "), t)).toBe(personal);
    expect(newPasswordError("clara.m is here", ownerOf("clara.m@example.org"), t)).toBe(personal);
  });

  it("tells what the server found, and nothing when it found something else", () => {
    const refusal = (field: string) =>
      new ApiError({
        type: "",
        title: "",
        status: 422,
        detail: "",
        code: "invalid-body",
        errors: [{ field, code: "common", message: "" }],
      });
    const owner = ownerOf("ana");
    expect(refusedPassword(refusal("password"), "password1", owner, t)).toBe(
      en.signUp.errors.passwordCommon,
    );
    expect(refusedPassword(refusal("code"), "password1", owner, t)).toBeNull();
    expect(refusedPassword(new Error("x"), "password1", owner, t)).toBeNull();
  });
});
