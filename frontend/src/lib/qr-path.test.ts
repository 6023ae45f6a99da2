import { decode } from "@/core/qr/decode";
import { describe, expect, it } from "vitest";
import { qrDrawing } from "./qr-path";

const link = `SNUG-LINK:${"0123456789ABCDEFGHJKMNPQRSTVWXYZ".repeat(4)}`;

describe("a QR code", () => {
  it("is read back as it was drawn", () => {
    for (const text of [link, "https://chat.example.org/i/zoé#8f3a"]) {
      expect(decode(photograph(text, 5))).toBe(text);
    }
  });

  it("has a quiet edge", () => {
    const { size, path } = qrDrawing(link);
    const starts = [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map((run) => run.slice(1).map(Number));
    expect(Math.min(...starts.map(([x]) => x!))).toBe(4);
    expect(Math.max(...starts.map(([x, , width]) => x! + width!))).toBe(size - 4);
    expect(Math.min(...starts.map(([, y]) => y!))).toBe(4);
  });

  it("is not seen where there is none", () => {
    const data = new Uint8ClampedArray(64 * 64 * 4).fill(255);
    expect(decode({ data, width: 64, height: 64 })).toBeNull();
  });
});

/** The drawing's own runs as pixels: what a camera would see of it. */
function photograph(text: string, scale: number) {
  const { size, path } = qrDrawing(text);
  const side = size * scale;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let row = 0; row < scale; row++) {
      for (let column = 0; column < Number(width) * scale; column++) {
        const at = ((Number(y) * scale + row) * side + Number(x) * scale + column) * 4;
        data.fill(0, at, at + 3);
      }
    }
  }
  return { data, width: side, height: side };
}
