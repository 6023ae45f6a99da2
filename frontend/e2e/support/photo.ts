/** A photograph as a telephone makes it: with a place, a camera and a way up. */
import type { Page } from "@playwright/test";

/** What must be nowhere in a picture that was sent. */
export const TOLD = ["Exif", "SnugCam 7", "N48-51-30"];

/** Drawn in a browser: `width` x `height`, lying on its side until Exif is heard. */
export async function photo(page: Page, width: number, height: number): Promise<Buffer> {
  const drawn = await page.evaluate(
    async ([width, height]) => {
      const canvas = new OffscreenCanvas(width!, height!);
      const pen = canvas.getContext("2d")!;
      const sky = pen.createLinearGradient(0, 0, width!, height!);
      for (const [at, colour] of ["#0b3d2e", "#3a7d5b", "#f3d5b0", "#a4451a"].entries()) {
        sky.addColorStop(at / 3, colour);
      }
      pen.fillStyle = sky;
      pen.fillRect(0, 0, width!, height!);
      pen.fillStyle = "#fff9f4";
      pen.beginPath();
      pen.arc(width! * 0.7, height! * 0.35, height! * 0.12, 0, 7);
      pen.fill();
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return Array.from(bytes, (byte) => String.fromCodePoint(byte)).join("");
    },
    [width, height],
  );
  const file = Buffer.from(drawn, "latin1");
  return Buffer.concat([file.subarray(0, 2), exif(), file.subarray(2)]);
}

/** APP1: turned by a quarter (orientation 6), the camera's maker, and where it was. */
function exif(): Buffer {
  const [short, long, ascii] = [3, 4, 2];
  const maker = Buffer.from("SnugCam 7\0");
  const place = Buffer.from("N48-51-30\0");
  const field = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(count, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const directory = (...fields: Buffer[]) =>
    Buffer.concat([Buffer.from([fields.length, 0]), ...fields, Buffer.alloc(4)]);
  const makerAt = 8 + 2 + 3 * 12 + 4;
  const gpsAt = makerAt + maker.length;
  const placeAt = gpsAt + 2 + 12 + 4;
  const tiff = Buffer.concat([
    Buffer.from("II*\0\x08\0\0\0", "latin1"),
    directory(
      field(0x010f, ascii, maker.length, makerAt),
      field(0x0112, short, 1, 6),
      field(0x8825, long, 1, gpsAt),
    ),
    maker,
    directory(field(0x001d, ascii, place.length, placeAt)),
    place,
  ]);
  const head = Buffer.from("\xff\xe1\0\0Exif\0\0", "latin1");
  head.writeUInt16BE(2 + 6 + tiff.length, 2);
  return Buffer.concat([head, tiff]);
}
