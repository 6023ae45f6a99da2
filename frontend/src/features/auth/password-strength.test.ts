import { describe, expect, it } from "vitest";
import { passwordStrength } from "./password-strength";

const strength = (password: string, personal: string[] = []) =>
  passwordStrength(password, 8, personal);

describe("passwordStrength", () => {
  it("rises with length and variety", () => {
    expect(strength("short")).toBe(0);
    expect(strength("lakehouse")).toBe(2);
    expect(strength("a quiet forest at dawn")).toBe(4);
  });

  it("is not fooled by runs, repeats and worn words", () => {
    expect(strength("aaaaaaaaaaaa")).toBe(1);
    expect(strength("1234567890")).toBe(1);
    expect(strength("password1")).toBe(1);
    expect(strength("qwertyuiop")).toBe(1);
  });

  it("gives nothing for one's own name", () => {
    expect(strength("anabrook1", ["anabrook"])).toBe(1);
  });
});
