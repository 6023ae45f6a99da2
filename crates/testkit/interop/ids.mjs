// UUIDs as bytes and as text, and bytes put together.

export const idBytes = (text) => Buffer.from(text.replaceAll("-", ""), "hex");

export function idText(bytes) {
  const hex = Buffer.from(bytes).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A number in so many bytes, big-endian. */
export function number(value, size) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - size);
}

/** The number in bytes, big-endian. */
export const numberIn = (bytes) => Number(BigInt(`0x${Buffer.from(bytes).toString("hex")}`));

export const same = (left, right) => Buffer.compare(left, right) === 0;
