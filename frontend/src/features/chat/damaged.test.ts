import type { Entry } from "@/core/engine.gen";
import { describe, expect, it } from "vitest";
import { withDamaged } from "./damaged";
import type { Item } from "./items";

const items = ["2", "5", "6"].map((position): Item => {
  const entry = { key: position, position } as Entry;
  return { kind: "message", key: position, entry, first: true, last: true };
});
const shown = (positions: string[], newer = false) =>
  withDamaged(items, new Set(positions), newer).map((item) =>
    item.kind === "damaged" ? `${item.count} damaged` : item.key,
  );

describe("entries that do not open", () => {
  it("are one line for each stretch, where they stood", () => {
    expect(shown([])).toEqual(["2", "5", "6"]);
    expect(shown(["4", "1", "3"])).toEqual(["1 damaged", "2", "2 damaged", "5", "6"]);
    expect(shown(["8", "9"])).toEqual(["2", "5", "6", "2 damaged"]);
  });

  it("wait behind the last item while newer ones are not here", () => {
    expect(shown(["8"], true)).toEqual(["2", "5", "6"]);
  });

  it("are told where nothing else is left", () => {
    expect(withDamaged([], new Set(["1", "2"]), false)).toMatchObject([{ count: 2 }]);
  });
});
