/** One account in this worker: the tab lock, the records and, while the lock is ours, the host. */
import type { Command, Document, Picture } from "../engine.gen";
import type { Kdf } from "../lock/kdf";
import type {
  Account,
  CoreEvent,
  HistoryPage,
  HistoryRange,
  SearchPage,
  SearchRange,
  SentFile,
  SentPicture,
  UnlockAnswer,
} from "../messages";
import { ownFileKey, type Opened, type PrepareFault } from "../picture-file";
import { moveFiles } from "./files/move";
import { Forgotten } from "./forgotten";
import { readHistory } from "./history";
import { Host } from "./host";
import { Gate } from "./lock/gate";
import { Search } from "./search/search";
import { Locked, Store } from "./store";
import { TabLock } from "./tab-lock";

const bytes = new TextEncoder();
const text = new TextDecoder();

export class Session {
  readonly account: Account;
  /**
   * Resolves when the engine ran for the first time (at once, or when the other tab let go), or when
   * a passphrase is wanted before.
   */
  readonly opened: Promise<void>;
  readonly #tell: (event: CoreEvent) => void;
  readonly #gate: Gate;
  #lock: TabLock;
  #isClosed = false;
  #signedIn: boolean;
  #store: Store | null = null;
  /** The records, once this tab is the one that writes. */
  #ready = Promise.withResolvers<Store>();
  #forgotten: Forgotten | null = null;
  #search: Search | null = null;
  #host: Host | null = null;
  #didOpen: () => void = () => undefined;

  constructor(account: Account, tell: (event: CoreEvent) => void) {
    this.account = account;
    this.#tell = tell;
    this.#signedIn = account.signed_in;
    this.opened = new Promise((resolve) => {
      this.#didOpen = resolve;
    });
    this.#gate = new Gate(account.user_id, (lock) => tell({ type: "lock", lock }));
    this.#lock = this.#tabLock();
    void this.#begin();
  }

  static erase(account: Account): Promise<void> {
    return Store.erase(account.user_id);
  }

  signedIn(): void {
    this.#signedIn = true;
    this.#host?.signIn();
  }

  command(command: Command): void {
    this.#host?.input({ type: "command", command });
  }

  async sendPicture({ to, id, picture, caption, reply_to }: SentPicture): Promise<void> {
    const { width, height, preview } = picture;
    const file = new Uint8Array(await picture.file.arrayBuffer());
    this.command({
      type: "send_picture",
      to,
      id,
      picture: { file, width, height, preview, caption },
      ...(reply_to && { reply_to }),
    });
  }

  async sendFile({ to, id, file, caption, reply_to }: SentFile): Promise<PrepareFault | null> {
    await this.#ready.promise;
    const document = await this.#host?.files.seal(ownFileKey(id), file, caption).catch(whyNot);
    if (!document || typeof document === "string") return document ?? "unreadable";
    const answers = reply_to && { reply_to };
    this.command({ type: "send_file", to, id, file: document, ...answers });
    return null;
  }

  async openPicture(key: string, attachment: string | null, picture: Picture): Promise<Opened> {
    await this.#ready.promise;
    return this.#host?.files.open(key, attachment, picture) ?? { ok: false, fault: "offline" };
  }

  async openFile(key: string, attachment: string | null, file: Document): Promise<Opened> {
    await this.#ready.promise;
    return this.#host?.files.openFile(key, attachment, file) ?? { ok: false, fault: "offline" };
  }

  stopOpening(key: string): void {
    this.#host?.files.stopOpening(key);
  }

  async history(range: HistoryRange): Promise<HistoryPage> {
    return readHistory(await this.#ready.promise, range);
  }

  async search(query: string, range: SearchRange): Promise<SearchPage> {
    await this.#ready.promise;
    return this.#search?.find(query, range) ?? { hits: [], total: 0 };
  }

  async forget(conversation: string): Promise<void> {
    await this.#ready.promise;
    const drop = (file: string) => this.#host?.files.drop(file);
    if (this.#forgotten) this.#tell(await this.#forgotten.forget(conversation, drop));
  }

  async recall(name: string): Promise<unknown> {
    const store = await this.#ready.promise;
    const value = await store.read(`page/${name}`).catch(() => null);
    return value ? JSON.parse(text.decode(value)) : null;
  }

  async keep(name: string, value: unknown): Promise<void> {
    const store = await this.#ready.promise;
    const key = `page/${name}`;
    if (value === null) await store.commit([], [key]);
    else await store.commit([{ key, value: bytes.encode(JSON.stringify(value)) }], []);
  }

  takeOver(): void {
    this.#lock.takeOver();
  }

  async setLock(key: CryptoKey, kdf: Kdf): Promise<void> {
    await this.#gate.set(await this.#ready.promise, { key, kdf });
  }

  async changeLock(current: CryptoKey, key: CryptoKey, kdf: Kdf): Promise<UnlockAnswer> {
    return this.#gate.change(await this.#ready.promise, current, { key, kdf });
  }

  async removeLock(current: CryptoKey): Promise<UnlockAnswer> {
    return this.#gate.remove(await this.#ready.promise, current);
  }

  async unlock(key: CryptoKey): Promise<UnlockAnswer> {
    const answer = await this.#gate.unlock(key);
    if (answer.ok && !this.#isClosed) {
      // It may stand in line since before there was a passphrase.
      this.#lock.close();
      this.#lock = this.#tabLock();
      this.#lock.acquire();
      // Who gives the passphrase here wants to read here.
      this.#lock.takeOver();
    }
    return answer;
  }

  /** Lets go of records and key. */
  async shut(): Promise<void> {
    await this.#stop();
    await this.#leaveLine();
  }

  reconnect(): void {
    if (this.#signedIn) this.#host?.reconnect();
  }

  interrupt(): void {
    this.#host?.interrupt();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#stop();
    this.#lock.close();
    this.#gate.close();
    this.#didOpen();
  }

  #tabLock(): TabLock {
    return new TabLock(this.account.user_id, {
      gained: () => this.#start(),
      lost: () => this.#lose(),
      waiting: () => this.#tell({ type: "tab", active: false }),
    });
  }

  async #begin(): Promise<void> {
    const isLocked = await this.#gate.isLocked().catch(() => null);
    if (isLocked === null) this.#tell({ type: "fatal", fault: "storage" });
    if (isLocked === true) this.#didOpen();
    if (isLocked === false && !this.#isClosed) this.#lock.acquire();
  }

  async #leaveLine(): Promise<void> {
    this.#lock.close();
    this.#lock = this.#tabLock();
    await this.#gate.shut();
  }

  /** The tab that has the records now keeps the key: here the passphrase is asked for again. */
  async #lose(): Promise<void> {
    await this.#stop();
    // Where that cannot be read, it cannot be opened either: the other tab is not kept waiting.
    if (await this.#gate.shut().catch(() => false)) this.#lock.close();
  }

  async #start(): Promise<void> {
    try {
      this.#store = await Store.open(this.account.user_id, this.#gate.data);
      await moveFiles(this.#store);
      this.#forgotten = await Forgotten.load(this.#store);
      this.#search = await Search.open(this.#store);
    } catch (fault) {
      if (fault instanceof Locked) {
        // Set by another tab while this one stood in line.
        await this.#leaveLine();
        this.#didOpen();
      } else this.#tell({ type: "fatal", fault: "storage" });
      return;
    }
    try {
      this.#host = await Host.start({
        store: this.#store,
        tell: (event) => this.#tell(this.#forgotten?.veil(event) ?? event),
        displaced: () => void this.#lock.fenced(),
      });
    } catch {
      this.#tell({ type: "fatal", fault: "engine" });
      return;
    }
    this.#ready.resolve(this.#store);
    this.#tell({ type: "tab", active: true });
    this.#gate.opened(this.#store);
    if (this.#signedIn) this.#host.signIn();
    this.#didOpen();
  }

  async #stop(): Promise<void> {
    const [host, store] = [this.#host, this.#store];
    this.#search?.stop();
    this.#search = null;
    this.#host = null;
    this.#store = null;
    this.#ready = Promise.withResolvers();
    await host?.stop();
    store?.close();
  }
}

/** Why a file was not kept, where that is the person's to mend; throws what is ours. */
function whyNot(fault: unknown): PrepareFault {
  const name = fault instanceof DOMException ? fault.name : "";
  if (name === "QuotaExceededError") return "no_room";
  if (name === "NotReadableError" || name === "NotFoundError") return "unreadable";
  throw fault;
}
