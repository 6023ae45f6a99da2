import { expect, it } from "vitest";
import { fileKey } from "./picture-file";

it("names a ciphertext as the engine does", () => {
  const sha256 = btoa(String.fromCodePoint(0, 1, 0xab, 0xff));
  expect(fileKey({ sha256 })).toBe("files/0001abff");
});
