/** Downloads that a changing network cut off: a laptop that changes its Wi-Fi aborts all of them. */

/** Milliseconds between the tries; after the last of them the fault is the caller's. */
export const PAUSES = [250, 500, 1_000, 2_000, 4_000, 8_000];

/** Does `load` until it succeeds, as long as what fails is the network. */
export async function again<T>(load: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await load();
    } catch (fault) {
      // fetch and streaming compilation report the network, and a bad status, as TypeError.
      if (!(fault instanceof TypeError)) throw fault;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return load();
}
