import { describe, expect, it } from "vitest";
import { fileSize } from "./file-size";

describe("the size of a file", () => {
  it("is short", () => {
    expect(fileSize(0, "en")).toBe("0 bytes");
    expect(fileSize(812, "en")).toBe("812 bytes");
    expect(fileSize(4_321, "en")).toBe("4.3 kB");
    expect(fileSize(43_210, "en")).toBe("43 kB");
    expect(fileSize(5_000_000, "en")).toBe("5 MB");
  });

  it("is written as the language does", () => {
    expect(fileSize(4_321, "fr").replace(/\s/u, " ")).toBe("4,3 ko");
  });
});
