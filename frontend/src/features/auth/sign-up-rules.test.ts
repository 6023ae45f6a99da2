import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";
import { looksLikeEmail, serverError, signUpRules, suggestion } from "./sign-up-rules";

const t = ((key: string) => key.replace("signUp.errors.", "")) as unknown as TFunction;
const all = { name: "", email: "ana@example.org", username: "ana", password: "", invite: "" };

describe("sign-up rules", () => {
  it("say what is wrong with a username", () => {
    const rule = (value: string) => signUpRules.username(value, t, all);
    expect(rule("")).toBe("usernameRequired");
    expect(rule("an")).toBe("usernameShort");
    expect(rule("ana brook")).toBe("usernameFormat");
    expect(rule("é".repeat(4))).toBe("usernameFormat");
    expect(rule("a".repeat(33))).toBe("usernameLong");
    expect(rule("Ana.B-rook_7")).toBeNull();
  });

  it("count characters of a password, not code units, and refuse one's own name in it", () => {
    const rule = (value: string) => signUpRules.password(value, t, all);
    expect(rule("🌿🌿🌿🌿🌿")).toBe("passwordShort");
    expect(rule("🌿".repeat(8))).toBeNull();
    expect(rule("my ana password")).toBe("passwordPersonal");
    expect(rule("a quiet lake")).toBeNull();
    expect(rule("x".repeat(129))).toBe("passwordLong");
  });

  it("know an address when they see one", () => {
    for (const right of ["a@b.io", "ana.b+x@mail.example.org"]) {
      expect(looksLikeEmail(right), right).toBe(true);
    }
    for (const wrong of ["ana", "ana@", "@b.io", "a@b", "a b@c.io", "a@b.c."]) {
      expect(looksLikeEmail(wrong), wrong).toBe(false);
    }
  });

  it("translate what the server found", () => {
    expect(serverError("password", "common", { ...all, password: "password1" }, t)).toBe(
      "passwordCommon",
    );
    expect(serverError("username", "format", { ...all, username: "..." }, t)).toBe(
      "usernameRefused",
    );
  });

  it("suggest a name that fits", () => {
    expect(suggestion("Bo", 0.5)).toBe("bo.54");
    expect(suggestion("b".repeat(32), 0.5)).toHaveLength(32);
  });
});
