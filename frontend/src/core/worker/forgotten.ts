/** Conversations that the person erased here: up to which position nothing is shown any more. */
import type { Conversation, Entry, Notice } from "../engine.gen";
import type { CoreEvent } from "../messages";
import { fileKey } from "../picture-file";
import type { Store } from "./store";

const KEY = "page/forgotten";
/** Enough to find the newest entry that has its final position. */
const NEWEST = 50;
const bytes = new TextEncoder();
const text = new TextDecoder();

export class Forgotten {
  readonly #store: Store;
  readonly #until: Map<string, string>;
  /** The rows as the engine told them last. */
  readonly #rows = new Map<string, Conversation>();

  private constructor(store: Store, until: Map<string, string>) {
    this.#store = store;
    this.#until = until;
  }

  static async load(store: Store): Promise<Forgotten> {
    // One that does not open any more hides nothing: the entries themselves are gone.
    const kept = await store.read(KEY).catch(() => null);
    const until = kept ? (JSON.parse(text.decode(kept)) as Record<string, string>) : {};
    return new Forgotten(store, new Map(Object.entries(until)));
  }

  /**
   * Erases a conversation's entries; newer ones are shown again. `drop` is told of files before they
   * go. Returns what to tell the page.
   */
  async forget(conversation: string, drop: (file: string) => void): Promise<CoreEvent> {
    const prefix = `history/${conversation}/`;
    const { records } = await this.#store.before(prefix, null, NEWEST);
    const entries = records.map(({ value }) => JSON.parse(text.decode(value)) as Entry);
    // What is not sent yet stands behind everything and will move.
    const newest = entries.findLast(({ state }) => state === "sent");
    if (newest) this.#until.set(conversation, newest.position);
    const value = bytes.encode(JSON.stringify(Object.fromEntries(this.#until)));
    const files = await this.#files(prefix);
    for (const file of files) drop(file);
    const gone = [
      ...(await this.#store.keys(prefix)),
      ...(await this.#store.keys(`index/${conversation}/`)),
      ...files,
    ];
    await this.#store.commit([{ key: KEY, value }], gone);
    const row = this.#rows.get(conversation);
    const notices: Notice[] = row
      ? [{ type: "conversation", conversation: this.#veilConversation(row) }]
      : [];
    return { type: "notices", notices };
  }

  /** Where pictures and files are kept, if any; of one that is still to be sent it is needed. */
  async #files(prefix: string): Promise<string[]> {
    const { records } = await this.#store.load(prefix);
    const entries = records.map(({ value }) => JSON.parse(text.decode(value)) as Entry);
    return entries.filter(({ state }) => state === "sent").map(fileKey);
  }

  /** An event as the page may see it. */
  veil(event: CoreEvent): CoreEvent {
    if (event.type !== "notices") return event;
    return { ...event, notices: event.notices.map((notice) => this.#veilNotice(notice)) };
  }

  #veilNotice(notice: Notice): Notice {
    if (notice.type !== "conversation") return notice;
    this.#rows.set(notice.conversation.id, notice.conversation);
    return { ...notice, conversation: this.#veilConversation(notice.conversation) };
  }

  #veilConversation(conversation: Conversation): Conversation {
    const until = this.#until.get(conversation.id);
    const { last } = conversation;
    if (until === undefined || !last || last.position > until) return conversation;
    return { ...conversation, last: null, unread: 0, unread_from: null };
  }
}
