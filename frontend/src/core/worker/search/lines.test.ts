import { describe, expect, it } from "vitest";
import { Lines } from "./lines";

function made(...texts: string[]): Lines {
  const lines = Lines.empty();
  texts.forEach((text, at) => lines.put({ id: `bo/${at}`, text, at }));
  return lines;
}
const found = (lines: Lines, query: string, conversation?: string) =>
  lines.find(query, conversation).map(({ id }) => id);

describe("the index", () => {
  it("finds every word, whatever its accents and case, the newest first", () => {
    const lines = made("Rendez-vous à l'ÉCOLE", "an old school", "l'ecole est finie");
    expect(found(lines, "école")).toEqual(["bo/2", "bo/0"]);
    expect(found(lines, "ecole rendez")).toEqual(["bo/0"]);
    expect(found(lines, "school ecole")).toEqual([]);
    expect(found(lines, " . ")).toEqual([]);
  });

  it("finds what one has begun to type", () => {
    const lines = made("seedlings arrived", "a seed");
    expect(found(lines, "see")).toEqual(["bo/1", "bo/0"]);
    expect(found(lines, "seedl arr")).toEqual(["bo/0"]);
  });

  it("forgives a slip where nothing is spelt so", () => {
    const lines = made("the seedlings arrived", "the cat", "the car");
    expect(lines.find("seedilngs")).toEqual([{ id: "bo/0", terms: ["seedlings"] }]);
    expect(found(lines, "cat")).toEqual(["bo/1"]);
    expect(found(lines, "cap")).toEqual([]);
  });

  it("keeps to one conversation", () => {
    const lines = made("lake");
    lines.put({ id: "cleo/1", text: "lake", at: 9 });
    expect(found(lines, "lake")).toEqual(["cleo/1", "bo/0"]);
    expect(found(lines, "lake", "bo")).toEqual(["bo/0"]);
    expect(found(lines, "lake", "b")).toEqual([]);
  });

  it("follows what changes, and forgets for good", async () => {
    const lines = made("the password is swordfish", "tea?");
    lines.put({ id: "bo/1", text: "coffee?", at: 1 });
    lines.remove("bo/0");
    lines.remove("bo/7");
    expect([found(lines, "tea"), found(lines, "coffee")]).toEqual([[], ["bo/1"]]);
    await lines.clean();
    expect(lines.pack()).not.toMatch(/swordfish|tea/);
    expect(lines.size).toBe(1);
  });

  it("can be put away", async () => {
    const lines = await Lines.read(made("lake", "path").pack());
    expect(found(lines, "path")).toEqual(["bo/1"]);
    await expect(Lines.read("{}")).rejects.toThrow();
  });
});
