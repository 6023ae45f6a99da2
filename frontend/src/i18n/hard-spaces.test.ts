import { expect, it } from "vitest";
import { withHardSpaces } from "./hard-spaces";

it("no line breaks before a French mark or inside the quotes", () => {
  const texts = { link: { ask: "Choisissez « Lier » : prêt ? Oui !", plain: "Un, deux" } };
  expect(withHardSpaces(texts)).toEqual({
    link: {
      ask: "Choisissez «\u00a0Lier\u00a0»\u00a0: prêt\u00a0? Oui\u00a0!",
      plain: "Un, deux",
    },
  });
});
