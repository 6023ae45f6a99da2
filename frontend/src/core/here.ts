/** The address of a path of this server. A worker made from a blob has none that a path could stand on. */
export function here(path: string): URL {
  return new URL(path, globalThis.origin);
}
