import { describe, expect, it } from "vitest";
import { ascii, join, kindOf, u32 } from "./bytes";
import { strippedGif, strippedIfMoving, strippedPng, strippedWebp } from "./strip";

const text = (words: string) => new TextEncoder().encode(words);
const bytes = (...values: number[]) => Uint8Array.of(...values);
const has = (file: Uint8Array, words: string) => Buffer.from(file).includes(words);

const block = (...data: number[]) => bytes(data.length, ...data, 0);
const frame = join([bytes(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0), bytes(2), block(0x4c, 0x01)]);
const control = join([bytes(0x21, 0xf9), block(0, 10, 0, 0)]);
const loop = join([bytes(0x21, 0xff, 11), text("NETSCAPE2.0"), block(1, 0, 0)]);
const comment = join([bytes(0x21, 0xfe), block(...text("at home")), new Uint8Array()]);
const xmp = join([bytes(0x21, 0xff, 11), text("XMP DataXMP"), block(...text("<gps/>"))]);
const screen = join([text("GIF89a"), bytes(1, 0, 1, 0, 0x80, 0, 0), bytes(0, 0, 0, 9, 9, 9)]);

describe("a GIF", () => {
  it("keeps its frames and loses its words", () => {
    const told = join([screen, loop, comment, control, frame, xmp, frame, bytes(0x3b), text("x")]);
    const clean = join([screen, loop, control, frame, frame, bytes(0x3b)]);
    expect(strippedGif(told)).toEqual(clean);
    expect(strippedIfMoving("gif", told)).toEqual(clean);
    expect(strippedGif(clean)).toEqual(clean);
  });

  it("that breaks off is refused", () => {
    const whole = join([screen, loop, frame]);
    for (let end = 0; end < whole.length; end++) {
      expect(() => strippedGif(whole.subarray(0, end)), String(end)).toThrow(RangeError);
    }
  });
});

function part(name: string, data: Uint8Array): Uint8Array {
  const head = new Uint8Array(8);
  head.set(text(name));
  new DataView(head.buffer).setUint32(4, data.length, true);
  return join([head, data, new Uint8Array(data.length % 2)]);
}

function webp(...parts: Uint8Array[]): Uint8Array {
  const body = join(parts);
  const head = join([text("RIFF"), new Uint8Array(4), text("WEBP")]);
  new DataView(head.buffer).setUint32(4, 4 + body.length, true);
  return join([head, body]);
}

describe("a WebP", () => {
  const animation = part("ANIM", bytes(0, 0, 0, 0, 0, 0));
  const moving = part("ANMF", join([new Uint8Array(16), part("VP8 ", bytes(1, 2, 3))]));
  const flags = (value: number) => part("VP8X", bytes(value, 0, 0, 0, 1, 0, 0, 1, 0, 0));

  it("that moves keeps its frames and loses its words", () => {
    const told = webp(
      flags(0x2e),
      part("ICCP", text("camera")),
      animation,
      moving,
      part("EXIF", text("GPS at home")),
      part("XMP ", text("<gps/>")),
    );
    const clean = webp(flags(0x02), animation, moving);
    expect(strippedWebp(told)).toEqual(clean);
    expect(strippedIfMoving("webp", told)).toEqual(clean);
    expect(kindOf(clean)).toBe("webp");
    expect(u32(clean, 4, true)).toBe(clean.length - 8);
  });

  it("that stands still is for the canvas", () => {
    const still = webp(flags(0x08), part("VP8 ", bytes(1)), part("EXIF", text("GPS")));
    expect(strippedIfMoving("webp", still)).toBeNull();
    expect(strippedIfMoving("webp", webp(part("VP8 ", bytes(1, 2))))).toBeNull();
  });

  it("that breaks off is refused", () => {
    const whole = webp(flags(0x02), animation, moving);
    const cut = whole.subarray(0, whole.length - 4);
    expect(() => strippedWebp(cut)).toThrow(RangeError);
  });
});

function chunk(name: string, data: Uint8Array): Uint8Array {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, data.length, false);
  head.set(text(name), 4);
  return join([head, data, bytes(9, 9, 9, 9)]);
}

describe("a PNG", () => {
  const head = bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const [size, data, end] = [
    chunk("IHDR", bytes(1)),
    chunk("IDAT", bytes(2)),
    chunk("IEND", bytes()),
  ];
  const words = chunk("tEXt", text("Location\0at home"));

  it("that moves keeps its frames and loses its words", () => {
    const [moves, next] = [chunk("acTL", bytes(2)), chunk("fdAT", bytes(3))];
    const exif = chunk("eXIf", text("GPS"));
    const told = join([head, size, words, moves, data, next, exif, end, text("behind")]);
    expect(strippedPng(told)).toEqual(join([head, size, moves, data, next, end]));
    expect(strippedIfMoving("png", told)).toEqual(strippedPng(told));
    expect(has(strippedPng(told), "home")).toBe(false);
  });

  it("that stands still is for the canvas", () => {
    expect(strippedIfMoving("png", join([head, size, words, data, end]))).toBeNull();
    expect(() => strippedPng(join([head, size, data]))).toThrow(RangeError);
  });
});

it("kinds are told by the first bytes", () => {
  expect(kindOf(bytes(0xff, 0xd8, 0xff, 0xe0))).toBe("jpeg");
  expect(kindOf(bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a))).toBe("png");
  expect(kindOf(text("GIF87a"))).toBe("gif");
  expect(kindOf(text("RIFF1234WEBPVP8 "))).toBe("webp");
  expect(kindOf(text("RIFF1234WAVE"))).toBeNull();
  expect(kindOf(text("<svg xmlns="))).toBeNull();
  expect(kindOf(text("just words"))).toBeNull();
  expect(kindOf(bytes())).toBeNull();
  expect(ascii(text("abc"), 1, 9)).toBe("bc");
});
