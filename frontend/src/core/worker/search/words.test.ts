import { describe, expect, it } from "vitest";
import { snippetOf } from "./snippet";
import { placesOf, termOf, wordsOf } from "./words";

describe("words", () => {
  it("end at spaces, marks and apostrophes", () => {
    expect(wordsOf("L'école, 14:32 — “wet grass”!")).toEqual([
      "L",
      "école",
      "14",
      "32",
      "wet",
      "grass",
    ]);
    expect(wordsOf("...")).toEqual([]);
  });

  it("are single signs where nobody writes spaces, and emoji", () => {
    expect(wordsOf("森の中 lake🌿🌸")).toEqual(["森", "の", "中", "lake", "🌿", "🌸"]);
  });

  it("are compared folded, and no longer than words are", () => {
    expect(termOf("École")).toBe("ecole");
    expect(termOf("A".repeat(500))).toHaveLength(32);
  });

  it("are found where they stand", () => {
    expect(placesOf("Où ? À l'école.", new Set(["ecole", "ou"]))).toEqual([
      { start: 0, end: 2 },
      { start: 9, end: 14 },
    ]);
  });
});

describe("a snippet", () => {
  const shown = (text: string, ...terms: string[]) =>
    snippetOf(text, new Set(terms))
      .map(({ text, marked }) => (marked ? `[${text}]` : text))
      .join("");

  it("is the whole of a short text, in one line", () => {
    expect(shown("See you\n\nat the Lake ", "lake", "see")).toBe("[See] you at the [Lake]");
  });

  it("shows the first of the words with some before it", () => {
    const text = `${"before ".repeat(30)}the lake ${"after ".repeat(60)}`;
    const snippet = shown(text, "lake");
    expect(snippet).toMatch(/^…before .{20,40}the \[lake\] after /);
    expect(snippet).toMatch(/after…$/);
    expect(snippet.length).toBeLessThan(180);
  });

  it("cuts what has no spaces, between characters", () => {
    const snippet = shown("🌿".repeat(400), "none");
    expect(snippet).toMatch(/^(🌿)+…$/u);
  });
});
