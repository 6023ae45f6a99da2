/** The pictures and files of one account: fetched when they are wanted, kept, opened. */
import { ApiError, download } from "../../api";
import type { Document, Picture } from "../../engine.gen";
import type { CoreEvent } from "../../messages";
import { mediaTypes, type Opened } from "../../picture-file";
import type { Engine } from "../engine";
import type { Store } from "../store";
import { openFile, sealFile, sentName, sentType } from "./pieces";

/** Milliseconds between the tries when the network fails; after the last it is the person's. */
const PAUSES = [500, 1_500, 4_000];

interface FilesOptions {
  store: Store;
  engine: Pick<Engine, "openPicture" | "opener" | "sealer">;
  /** Resolves when there is a session. */
  signedIn: Promise<void>;
  tell: (event: CoreEvent) => void;
  pauses?: readonly number[];
}

/** Opens a ciphertext; throws when it is not what a message tells of. */
type Unseal = (sealed: Uint8Array<ArrayBuffer>) => Blob;

interface Opening {
  answer: Promise<Opened>;
  stop: AbortController;
}

export class Files {
  readonly #options: FilesOptions;
  /** What is under way, by message: nothing is fetched twice at a time. */
  readonly #opening = new Map<string, Opening>();
  /** Of messages that are gone: nothing is opened or kept of them any more. */
  readonly #gone = new Set<string>();

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** Opens the picture that is kept under `key`: from the records, else from the server. Never throws. */
  open(key: string, attachment: string | null, picture: Picture): Promise<Opened> {
    return this.#open(key, attachment, (sealed) => {
      const file = this.#options.engine.openPicture(sealed, picture);
      return new Blob([file as Uint8Array<ArrayBuffer>], { type: mediaTypes[picture.kind] });
    });
  }

  /** Opens a file likewise. */
  openFile(key: string, attachment: string | null, file: Document): Promise<Opened> {
    return this.#open(key, attachment, (sealed) => openFile(this.#options.engine, sealed, file));
  }

  /**
   * Seals a file and keeps the ciphertext under `key`, as `send_file` wants it. Throws when it cannot
   * be read.
   */
  async seal(key: string, file: File, caption: string): Promise<Document> {
    const { engine, store } = this.#options;
    const { ciphertext, ...opens } = await sealFile(engine, file);
    await store.commit([{ key, value: ciphertext }], []);
    return {
      ...opens,
      size: file.size,
      name: sentName(file.name),
      media_type: sentType(file.type),
      caption,
    };
  }

  /** Stops fetching what `fileKey` names. */
  stopOpening(key: string): void {
    this.#opening.get(key)?.stop.abort();
  }

  /** The record is about to be deleted, and does not come back. */
  drop(key: string): void {
    if (!key.startsWith("files/")) return;
    this.#gone.add(key);
    this.stopOpening(key);
  }

  stop(): void {
    for (const { stop } of this.#opening.values()) stop.abort();
  }

  #open(key: string, attachment: string | null, unseal: Unseal): Promise<Opened> {
    const running = this.#opening.get(key);
    if (running) return running.answer;
    const stop = new AbortController();
    const answer = this.#load(key, attachment, unseal, stop.signal).finally(() =>
      this.#opening.delete(key),
    );
    this.#opening.set(key, { answer, stop });
    return answer;
  }

  async #load(
    key: string,
    attachment: string | null,
    unseal: Unseal,
    signal: AbortSignal,
  ): Promise<Opened> {
    const { store, signedIn, tell } = this.#options;
    const kept = await store.read(key).catch(() => null);
    const known = kept && opened(kept, unseal);
    if (this.#gone.has(key)) return { ok: false, fault: "gone" };
    if (known) return { ok: true, file: known };
    if (attachment === null) return { ok: false, fault: "damaged" };
    await signedIn;
    try {
      const sealed = await this.#fetch(key, `/api/attachments/${attachment}`, signal);
      const file = opened(sealed, unseal);
      if (!file) return { ok: false, fault: "damaged" };
      const keep = () => ({
        puts: this.#gone.has(key) ? [] : [{ key, value: sealed }],
        deletes: [],
      });
      // Without room for it, or in a tab that does not write, it is fetched again the next time.
      await store.commitWhen(keep).catch(() => undefined);
      return this.#gone.has(key) ? { ok: false, fault: "gone" } : { ok: true, file };
    } catch (fault) {
      if (this.#gone.has(key)) return { ok: false, fault: "gone" };
      if (signal.aborted) return { ok: false, fault: "stopped" };
      return { ok: false, fault: isGone(fault) ? "gone" : "offline" };
    } finally {
      tell({ type: "transfer", file: key, done: null });
    }
  }

  async #fetch(key: string, path: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { tell, pauses = PAUSES } = this.#options;
    const transfer = {
      signal,
      progress: (done: number) => tell({ type: "transfer", file: key, done }),
    };
    for (const pause of pauses) {
      try {
        return await download(path, transfer);
      } catch (fault) {
        if (isGone(fault) || signal.aborted) throw fault;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return download(path, transfer);
  }
}

function opened(sealed: Uint8Array<ArrayBuffer>, unseal: Unseal): Blob | null {
  try {
    return unseal(sealed);
  } catch (fault) {
    if (fault instanceof WebAssembly.RuntimeError) throw fault;
    return null;
  }
}

/** Swept, taken back, or of a conversation that one is not in any more. */
function isGone(fault: unknown): boolean {
  return fault instanceof ApiError && [404, 410].includes(fault.problem.status);
}
