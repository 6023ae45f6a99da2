import type { Ready } from "@/features/files/chosen";
import { describe, expect, it } from "vitest";
import { outgoingOf } from "./outgoing";

const file = (name: string): Ready => ({ kind: "file", file: new File(["x"], name) });

describe("what is sent", () => {
  it("is words, or nothing", () => {
    expect(outgoingOf(" seven ", [])).toEqual([{ attached: null, text: "seven" }]);
    expect(outgoingOf("  ", [])).toEqual([]);
  });

  it("is files with the words at the last one", () => {
    const [a, b] = [file("a"), file("b")];
    expect(outgoingOf("both", [a, b])).toEqual([
      { attached: a, text: "" },
      { attached: b, text: "both" },
    ]);
  });

  it("is a message more when the words are too many for a file", () => {
    const [a, long] = [file("a"), "é".repeat(2049)];
    expect(outgoingOf(long, [a])).toEqual([
      { attached: a, text: "" },
      { attached: null, text: long },
    ]);
  });
});
