/** The passphrase of one account in this browser: who holds the key of its records, and since when. */
import type { Kdf, PassphraseKey } from "../../lock/kdf";
import type { LockState, UnlockAnswer } from "../../messages";
import { type Database, openDatabase, readMeta } from "../database";
import type { Store } from "../store";
import { changeBox, type DataKey, type LockBox, makeBox, openBox, WrongPassphrase } from "./box";
import { afterWrong, type Tries, waitsUntil } from "./tries";

export class Gate {
  readonly #account: string;
  readonly #tell: (lock: LockState) => void;
  /** Another tab set a passphrase. */
  readonly #channel: BroadcastChannel;
  #data: DataKey | null = null;
  /** What the key was made with that opened, or that was set. */
  #kdf: Kdf | null = null;
  #wasOpen = false;
  #sealed: Promise<void> = Promise.resolve();

  constructor(account: string, tell: (lock: LockState) => void) {
    this.#account = account;
    this.#tell = tell;
    this.#channel = new BroadcastChannel(`snug-lock-${account}`);
    this.#channel.addEventListener("message", () => void this.isLocked());
  }

  /** The key, if the passphrase was given. */
  get data(): DataKey | null {
    return this.#data;
  }

  /** Looks whether a passphrase is wanted, and tells so. */
  async isLocked(): Promise<boolean> {
    const { lock, tries } = await this.#read();
    if (!lock) {
      this.#tell({ type: "none", sealing: null });
      return false;
    }
    if (this.#data?.id === lock.id) return false;
    const retry_at = waitsUntil(tries, Date.now());
    this.#tell({ type: "locked", kdf: lock.kdf, retry_at, was_open: this.#wasOpen });
    return true;
  }

  /** The records are open: from now on something is in memory. Seals on what is owed a new seal. */
  opened(store: Store): void {
    this.#wasOpen = true;
    this.#renew(store);
  }

  /** Resolves when no record is owed a new seal, or this tab does not seal on. */
  get sealed(): Promise<void> {
    return this.#sealed;
  }

  /** Forgets the key; tells whether a passphrase is wanted from now on. */
  async shut(): Promise<boolean> {
    this.#data = null;
    this.#kdf = null;
    return this.isLocked();
  }

  /** Whether this is the key; wrong ones are counted. */
  async unlock(key: CryptoKey): Promise<UnlockAnswer> {
    return this.#judged(async (box) => {
      this.#data = await openBox(this.#account, box, key);
      this.#kdf = box.kdf;
    });
  }

  /** Resolves when the passphrase counts; records are sealed anew from then on. */
  async set(store: Store, passphrase: PassphraseKey): Promise<void> {
    const { box, data } = await makeBox(this.#account, passphrase);
    await store.lock(box, data);
    this.#data = data;
    this.#kdf = box.kdf;
    this.#channel.postMessage("locked");
    this.#renew(store);
  }

  async change(store: Store, key: CryptoKey, passphrase: PassphraseKey): Promise<UnlockAnswer> {
    return this.#judged(async (box) => {
      const changed = await changeBox(this.#account, box, key, passphrase);
      await store.relock(changed);
      this.#kdf = changed.kdf;
      this.#tell(this.#state(null));
    });
  }

  /** As `set`. */
  async remove(store: Store, key: CryptoKey): Promise<UnlockAnswer> {
    return this.#judged(async (box) => {
      await openBox(this.#account, box, key);
      await store.unlock();
      this.#data = null;
      this.#kdf = null;
      this.#renew(store);
    });
  }

  close(): void {
    this.#channel.close();
    this.#data = null;
  }

  #renew(store: Store): void {
    this.#tell(this.#state(store.owed ? 0 : null));
    this.#sealed = store
      .renew((done) => this.#tell(this.#state(done)))
      .then(
        () => this.#tell(this.#state(null)),
        // Another tab took the records, or there is no room: the next opening goes on.
        () => undefined,
      );
  }

  #state(sealing: number | null): LockState {
    const kdf = this.#kdf;
    return kdf ? { type: "open", kdf, sealing } : { type: "none", sealing };
  }

  async #read(): Promise<{ lock: LockBox | undefined; tries: Tries | undefined }> {
    return this.#withDatabase(async (db) => {
      const { store } = db.transaction("meta");
      const [lock, tries] = await Promise.all([readMeta(store, "lock"), readMeta(store, "tries")]);
      return { lock, tries };
    });
  }

  /** Does what wants the passphrase, and counts when it was another one. */
  async #judged(act: (box: LockBox) => Promise<void>): Promise<UnlockAnswer> {
    const { lock, tries } = await this.#read();
    // Another tab did away with it.
    if (!lock) return { ok: true };
    const waits = waitsUntil(tries, Date.now());
    if (waits !== null) return { ok: false, retry_at: waits };
    try {
      await act(lock);
    } catch (fault) {
      if (!(fault instanceof WrongPassphrase)) throw fault;
      const counted = afterWrong(tries, Date.now());
      await this.#withDatabase((db) => db.put("meta", counted, "tries"));
      return { ok: false, retry_at: waitsUntil(counted, Date.now()) };
    }
    if (tries) await this.#withDatabase((db) => db.delete("meta", "tries"));
    return { ok: true };
  }

  async #withDatabase<T>(act: (db: Database) => Promise<T>): Promise<T> {
    const db = await openDatabase(this.#account);
    try {
      return await act(db);
    } finally {
      db.close();
    }
  }
}
