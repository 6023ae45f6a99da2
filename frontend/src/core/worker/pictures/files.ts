/** The pictures of one account: fetched when they are looked at, kept, opened. */
import { ApiError, download } from "../../api";
import type { Picture } from "../../engine.gen";
import type { CoreEvent } from "../../messages";
import { fileKey, mediaTypes, type Opened } from "../../picture-file";
import type { Engine } from "../engine";
import type { Store } from "../store";

/** Milliseconds between the tries when the network fails; after the last it is the person's. */
const PAUSES = [500, 1_500, 4_000];

interface FilesOptions {
  store: Store;
  engine: Pick<Engine, "openPicture">;
  /** Resolves when there is a session. */
  signedIn: Promise<void>;
  tell: (event: CoreEvent) => void;
  pauses?: readonly number[];
}

export class Files {
  readonly #options: FilesOptions;
  /** What is under way: nothing is fetched twice at a time. */
  readonly #opening = new Map<string, Promise<Opened>>();
  readonly #stop = new AbortController();

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** Opens a picture: from the records, else from the server. Never throws. */
  open(attachment: string | null, picture: Picture): Promise<Opened> {
    const key = fileKey(picture);
    const running = this.#opening.get(key) ?? this.#open(key, attachment, picture);
    this.#opening.set(key, running);
    return running.finally(() => this.#opening.delete(key));
  }

  stop(): void {
    this.#stop.abort();
  }

  async #open(key: string, attachment: string | null, picture: Picture): Promise<Opened> {
    const { store, signedIn, tell } = this.#options;
    const kept = await store.read(key).catch(() => null);
    const known = kept && this.#unseal(kept, picture);
    if (known) return { ok: true, file: known };
    if (attachment === null) return { ok: false, fault: "damaged" };
    await signedIn;
    try {
      const sealed = await this.#fetch(key, `/api/attachments/${attachment}`);
      const file = this.#unseal(sealed, picture);
      if (!file) return { ok: false, fault: "damaged" };
      // Without room for it, or in a tab that does not write, it is fetched again the next time.
      await store.commit([{ key, value: sealed }], []).catch(() => undefined);
      return { ok: true, file };
    } catch (fault) {
      return { ok: false, fault: isGone(fault) ? "gone" : "offline" };
    } finally {
      tell({ type: "transfer", file: key, done: null });
    }
  }

  async #fetch(key: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
    const { tell, pauses = PAUSES } = this.#options;
    const transfer = {
      signal: this.#stop.signal,
      progress: (done: number) => tell({ type: "transfer", file: key, done }),
    };
    for (const pause of pauses) {
      try {
        return await download(path, transfer);
      } catch (fault) {
        if (isGone(fault) || transfer.signal.aborted) throw fault;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return download(path, transfer);
  }

  #unseal(sealed: Uint8Array, picture: Picture): Blob | null {
    try {
      const file = this.#options.engine.openPicture(sealed, picture);
      return new Blob([file as Uint8Array<ArrayBuffer>], { type: mediaTypes[picture.kind] });
    } catch (fault) {
      if (fault instanceof WebAssembly.RuntimeError) throw fault;
      return null;
    }
  }
}

/** Swept, taken back, or of a conversation that one is not in any more. */
function isGone(fault: unknown): boolean {
  return fault instanceof ApiError && [404, 410].includes(fault.problem.status);
}
