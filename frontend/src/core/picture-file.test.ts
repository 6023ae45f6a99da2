import { expect, it } from "vitest";
import { fileKey, ownFileKey } from "./picture-file";

it("a file is kept for one message, as the engine names it", () => {
  expect(fileKey({ key: "room/7", id: "a", mine: false })).toBe("files/room/7");
  // Sent from here or from another device of mine.
  expect(fileKey({ key: "own/a", id: "a", mine: true })).toBe("files/own/a");
  expect(fileKey({ key: "room/7", id: "a", mine: true })).toBe(ownFileKey("a"));
});
