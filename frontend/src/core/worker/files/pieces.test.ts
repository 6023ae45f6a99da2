import { describe, expect, it, vi } from "vitest";
import type { Document } from "../../engine.gen";
import type { Opener, Sealer } from "../engine";
import { openFile, sealFile, sentName, sentType } from "./pieces";

const end = { key: "a2V5", sha256: "c2hh" };

/** Gives what it gets, as a cipher without a key. */
function sealer(): Sealer {
  return {
    push: (bytes) => new Uint8Array(bytes),
    finish: () => ({ ciphertext: Uint8Array.of(0), ...end }),
    free: vi.fn<() => void>(),
  };
}

function opener(pieces: (number[] | Error)[]): Opener {
  return {
    nextPiece() {
      const piece = pieces.shift();
      if (piece instanceof Error) throw piece;
      return piece && Uint8Array.from(piece);
    },
    free: vi.fn<() => void>(),
  };
}

const document = (size: number) => ({ size }) as Document;

describe("a file in pieces", () => {
  it("is sealed to its end, whatever its size", async () => {
    for (const size of [0, 1, 262_144, 600_000]) {
      const file = new Blob([new Uint8Array(size).fill(7)]);
      const sealed = await sealFile({ sealer: () => sealer() }, file);
      expect(sealed).toMatchObject(end);
      expect(sealed.ciphertext).toHaveLength(size + 1);
    }
  });

  it("that cannot be read is not sealed, and its key is let go of", async () => {
    const begun = sealer();
    const file = new Blob(["x"]);
    vi.spyOn(file, "slice").mockImplementation(() => {
      throw new DOMException("gone", "NotReadableError");
    });
    await expect(sealFile({ sealer: () => begun }, file)).rejects.toThrow("gone");
    expect(begun.free).toHaveBeenCalled();
  });

  it("is opened to its end and has no type", async () => {
    const begun = opener([[1, 2], [], [3]]);
    const file = openFile({ opener: () => begun }, new Uint8Array(), document(3));
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
    expect(file.type).toBe("application/octet-stream");
    expect(begun.free).toHaveBeenCalled();
  });

  it("is none when it breaks off or is of another size", () => {
    const broken = opener([[1, 2], new Error("not opened")]);
    const open = (begun: Opener, size: number) =>
      openFile({ opener: () => begun }, new Uint8Array(), document(size));
    expect(() => open(broken, 3)).toThrow("not opened");
    expect(broken.free).toHaveBeenCalled();
    expect(() => open(opener([[1, 2]]), 3)).toThrow(RangeError);
  });
});

describe("what goes along", () => {
  it("is a name that fits, with its ending", () => {
    expect(sentName("Minutes été.pdf")).toBe("Minutes été.pdf");
    expect(sentName("  ")).toBe("file");
    const long = sentName(`${"é".repeat(200)}.tar.gz`);
    expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(255);
    expect(long.endsWith("é.gz") || long.endsWith("tar.gz")).toBe(true);
  });

  it("is a type, or none", () => {
    expect(sentType("application/pdf")).toBe("application/pdf");
    expect(sentType("x".repeat(200))).toBe("");
    expect(sentType("text/é")).toBe("");
  });
});
