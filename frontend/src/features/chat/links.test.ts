import { describe, expect, it } from "vitest";
import { isEmojiOnly, piecesOf } from "./links";

const links = (text: string) => piecesOf(text).flatMap(({ href }) => href ?? []);

describe("piecesOf", () => {
  it("finds links and leaves the sentence's own marks outside", () => {
    expect(piecesOf("See https://example.org/lake.")).toEqual([
      { text: "See ", at: 0 },
      { text: "https://example.org/lake", at: 4, href: "https://example.org/lake" },
      { text: ".", at: 28 },
    ]);
    expect(links("(www.example.org)")).toEqual(["https://www.example.org/"]);
    expect(links("https://example.org/a_(b)")).toEqual(["https://example.org/a_(b)"]);
  });

  it("links nothing but the web", () => {
    expect(links("javascript:alert(1) data:text/html,x file:///etc/passwd")).toEqual([]);
    expect(links("https://")).toEqual([]);
  });

  it("gives a text without links back whole", () => {
    expect(piecesOf("a < b")).toEqual([{ text: "a < b", at: 0 }]);
    expect(piecesOf("")).toEqual([]);
  });
});

describe("isEmojiOnly", () => {
  it("knows one to three emoji", () => {
    expect(isEmojiOnly("🌿")).toBe(true);
    expect(isEmojiOnly(" 👩‍👩‍👧 🇫🇷")).toBe(false);
    expect(isEmojiOnly("👩‍👩‍👧🇫🇷❤️")).toBe(true);
    expect(isEmojiOnly("🌿🌿🌿🌿")).toBe(false);
    expect(isEmojiOnly("ok 🌿")).toBe(false);
    expect(isEmojiOnly("")).toBe(false);
  });
});
