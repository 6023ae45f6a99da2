/** Workers of our own. Browsers hold no worker's script against a hash: the page does it first. */
import { again } from "./again";
import { trusted } from "./trusted";

/** Scripts that fitted, as addresses of blobs, by the URLs they came from. */
const fitting = new Map<string, Promise<string>>();

/**
 * Starts a worker from a URL that the bundler made. Rejects when its script does not arrive, or is
 * not the one that this page was built with.
 */
export async function startWorker(url: string, name: string): Promise<Worker> {
  // A development server's scripts import others from beside them, and no build has named a hash.
  const address = import.meta.env.DEV ? url : await blobOf(url);
  return new Worker(trusted(address), { type: "module", name });
}

/** The bytes that were compared are the ones that run: the server is not asked a second time. */
function blobOf(url: string): Promise<string> {
  let blob = fitting.get(url);
  if (!blob) {
    blob = load(url);
    fitting.set(url, blob);
    blob.catch(() => fitting.delete(url));
  }
  return blob;
}

async function load(url: string): Promise<string> {
  const integrity = integrityOf(url);
  let cache: RequestCache = "default";
  const script = await again(async () => {
    const reply = fetch(url, { integrity, cache });
    // What did not fit would come out of the browser's cache as it was.
    cache = "reload";
    return (await reply).blob();
  });
  return URL.createObjectURL(script);
}

/** What `build/integrity.ts` wrote into the page. */
function integrityOf(url: string): string {
  const text = document.querySelector('script[type="importmap"]')?.textContent ?? "{}";
  const map = JSON.parse(text) as { integrity?: Record<string, string> };
  const integrity = map.integrity?.[url];
  if (!integrity) throw new Error(`the page names no hash of ${url}`);
  return integrity;
}
