/** One tab at a time writes an account's records: a Web Lock, asked for politely. */

/** How long the other tab may take to let go before the lock is taken from it. */
const PATIENCE = 3_000;

/** A tab that is just closing is not worth a word. */
const NOTICEABLE = 250;

interface TabLockHandlers {
  /** The lock is ours: open the records. */
  gained: () => Promise<void>;
  /** Somebody else has it now, or asks for it: let go of the records. */
  lost: () => Promise<void>;
  /** Somebody else has it. */
  waiting: () => void;
}

export class TabLock {
  readonly #name: string;
  readonly #channel: BroadcastChannel;
  readonly #handlers: TabLockHandlers;
  #release: (() => void) | null = null;
  #closed = false;
  #queue: AbortController | null = null;

  constructor(account: string, handlers: TabLockHandlers) {
    this.#name = `snug-${account}`;
    this.#handlers = handlers;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.addEventListener("message", () => void this.#yield());
  }

  /** Takes the lock, or waits in line for it. */
  acquire(): void {
    this.#wait();
  }

  /** Asks the tab that has the lock to let go, and takes it if it does not answer. */
  takeOver(): void {
    if (this.#release) return;
    this.#channel.postMessage("yield");
    setTimeout(() => {
      if (this.#release || this.#closed) return;
      this.#queue?.abort();
      void this.#attempt({ steal: true });
    }, PATIENCE);
  }

  close(): void {
    this.#closed = true;
    this.#channel.close();
    this.#queue?.abort();
    this.#release?.();
    this.#release = null;
  }

  /** The records said that another tab writes: the lock was taken while this one slept. */
  async fenced(): Promise<void> {
    await this.#letGo();
  }

  async #yield(): Promise<void> {
    if (this.#release) await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#handlers.lost();
    this.#handlers.waiting();
    this.#release?.();
    this.#release = null;
    // Give the one that asked a moment to be ahead of us in the line.
    if (!this.#closed) setTimeout(() => this.#wait(), 500);
  }

  #wait(): void {
    if (this.#closed || this.#release) return;
    this.#queue = new AbortController();
    const told = setTimeout(() => this.#handlers.waiting(), NOTICEABLE);
    void this.#attempt({ signal: this.#queue.signal }).then(() => clearTimeout(told));
  }

  /** Resolves with whether the lock was got; holds it until `#release`. */
  #attempt(options: LockOptions): Promise<boolean> {
    return new Promise((resolve) => {
      navigator.locks
        .request(this.#name, options, async (lock) => {
          if (!lock || this.#closed) {
            resolve(false);
            return;
          }
          const held = new Promise<void>((release) => {
            this.#release = release;
          });
          resolve(true);
          await this.#handlers.gained();
          await held;
        })
        .catch(() => {
          // Aborted by us, or stolen by a tab that found this one asleep.
          resolve(false);
          if (this.#release && !this.#closed) void this.#letGo();
        });
    });
  }
}
