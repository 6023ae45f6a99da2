// What is sealed: the content encoding (docs/encryption.md, "Content").
import { idBytes, number, numberIn } from "./ids.mjs";

const TEXT = 1;
const NAME = 2;
const BUCKETS = [256, 1024, 4096, 16384, 65536];
/** What MLS adds, rounded up. */
const OVERHEAD = 160;

export const text = (words) => encode(TEXT, Buffer.from(words));

/** What a group is called, for the first time. */
export function name(words) {
  const bytes = Buffer.from(words);
  return encode(NAME, Buffer.concat([number(1, 8), number(bytes.length, 2), bytes]));
}

function encode(kind, body) {
  const content = Buffer.concat([
    number(1, 1),
    idBytes(crypto.randomUUID()),
    number(Date.now(), 8),
    number(kind, 1),
    number(body.length, 4),
    body,
  ]);
  const length = 4 + content.length;
  const bucket = BUCKETS.find((size) => length <= size - OVERHEAD);
  return Buffer.concat([number(content.length, 4), content, Buffer.alloc(bucket - OVERHEAD - length)]);
}

/** `{text}` or `{name}`; the number of the `kind` for anything else. */
export function decode(sealed) {
  const bytes = Buffer.from(sealed);
  if (!BUCKETS.includes(bytes.length + OVERHEAD)) throw new Error(`${bytes.length} bytes are no bucket`);
  const end = 4 + numberIn(bytes.subarray(0, 4));
  if (bytes.subarray(end).some((byte) => byte !== 0)) throw new Error("padding is not zero");
  const [version, kind] = [bytes[4], bytes[29]];
  if (version !== 1) throw new Error(`content of version ${version}`);
  const body = bytes.subarray(34, 34 + numberIn(bytes.subarray(30, 34)));
  if (kind === TEXT) return { text: body.toString() };
  if (kind === NAME) return { name: body.subarray(10, 10 + numberIn(body.subarray(8, 10))).toString() };
  return { kind };
}
