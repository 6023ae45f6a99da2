import { describe, expect, it } from "vitest";
import { digitGroups, digitsOf, groupsOfFour } from "./digits";

describe("digitsOf", () => {
  it("finds the code in what was pasted", () => {
    expect(digitsOf("409 123", 6)).toBe("409123");
    expect(digitsOf("Your code: 409-123.\n", 6)).toBe("409123");
    expect(digitsOf("４０９１２３", 6)).toBe("409123");
    expect(digitsOf("1234567", 6)).toBe("123456");
    expect(digitsOf("none", 6)).toBe("");
  });
});

describe("groupsOfFour", () => {
  it("spaces a secret", () => {
    expect(groupsOfFour("JBSWY3DPEHPK3PXP")).toBe("JBSW Y3DP EHPK 3PXP");
    expect(groupsOfFour("JBSWY")).toBe("JBSW Y");
    expect(groupsOfFour("JBSW Y3DP")).toBe("JBSW Y3DP");
  });
});

describe("digitGroups", () => {
  it("leaves no digit alone", () => {
    expect(digitGroups("1234567", 3)).toEqual(["123", "4567"]);
    expect(digitGroups("12345678", 3)).toEqual(["123", "456", "78"]);
    expect(digitGroups("0".repeat(60), 5)).toHaveLength(12);
    expect(digitGroups("", 3)).toEqual([]);
  });
});
