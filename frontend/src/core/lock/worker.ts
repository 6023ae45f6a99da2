/** Makes one key of one passphrase away from the page; its memory goes with it. */
import { again } from "../again";
import { here } from "../here";
import load, { passphraseKey as derive } from "../wasm/web.js";
import wasmIntegrity from "../wasm/web_bg.wasm?integrity";
import wasmUrl from "../wasm/web_bg.wasm?url";
import type { KdfRequest, PassphraseKey } from "./kdf";

self.addEventListener("message", ({ data }: MessageEvent<KdfRequest>) => void answer(data));

async function answer({ passphrase, ways }: KdfRequest): Promise<void> {
  try {
    self.postMessage(await make(passphrase, ways));
  } catch (fault) {
    // A rejection alone would not reach the page as an error.
    setTimeout(() => {
      throw fault;
    });
  } finally {
    passphrase.fill(0);
  }
}

async function make(
  passphrase: Uint8Array<ArrayBuffer>,
  ways: KdfRequest["ways"],
): Promise<PassphraseKey | null> {
  let cache: RequestCache = "default";
  await again(() => {
    const module = fetch(here(wasmUrl), { integrity: wasmIntegrity, cache });
    // What did not fit would come out of the browser's cache as it was.
    cache = "reload";
    return load({ module_or_path: module });
  });
  for (const kdf of ways) {
    const made = derive(passphrase, kdf.salt, kdf.memory, kdf.passes);
    if (!made) continue;
    // A copy in memory of its own, which the generated types do not say.
    const bytes = made as Uint8Array<ArrayBuffer>;
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
    bytes.fill(0);
    return { key, kdf };
  }
  return null;
}
