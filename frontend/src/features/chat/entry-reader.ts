/** Keeps a window of a conversation's entries: reads more of it on demand, follows what is told. */
import type { Entry } from "@/core/engine.gen";
import type { HistoryPage, HistoryRange } from "@/core/messages";
import type { EntryChange } from "@/core/store";
import { append, emptyWindow, type EntryWindow, prepend, upsert, without } from "./entry-window";

type Side = Pick<HistoryRange, "before" | "from">;
type Take = (window: EntryWindow, pages: HistoryPage[]) => EntryWindow;

/** Reads one side of a position, or the newest. */
export type ReadHistory = (side: Side) => Promise<HistoryPage>;

export class EntryReader {
  readonly #read: ReadHistory;
  readonly #listeners = new Set<() => void>();
  #window = emptyWindow;
  #damaged: ReadonlySet<string> = new Set();
  /** What was told while something is read: the records may have been read before it. */
  #told: EntryChange[] | null = null;
  /** Counts what replaced the window: what was read for an older one is dropped. */
  #turn = 0;

  constructor(read: ReadHistory) {
    this.#read = read;
  }

  readonly window = (): EntryWindow => this.#window;

  /** Where entries stand that do not open any more, as far as was read. */
  readonly damaged = (): ReadonlySet<string> => this.#damaged;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  tell(change: EntryChange): void {
    this.#told?.push(change);
    this.#replace(changed(this.#window, change));
  }

  /** The newest page; away from anything else. */
  async start(): Promise<void> {
    await this.#take([{}], (_, [page]) => prepend(emptyWindow, page!.entries, page!.more), true);
  }

  readonly loadOlder = (): void => {
    const { loaded, more, entries } = this.#window;
    const before = entries[0]?.position;
    if (!loaded || !more || before === undefined) return;
    void this.#take([{ before }], (window, [page]) => prepend(window, page!.entries, page!.more));
  };

  readonly loadNewer = (): void => {
    const { newer, entries } = this.#window;
    const from = entries.at(-1)?.position;
    if (!newer || from === undefined) return;
    void this.#take([{ from }], (window, [page]) => append(window, page!.entries, page!.more));
  };

  /** Reads what lies around a position unless it is here; the entry that stands there, if one does. */
  readonly goTo = async (position: string): Promise<Entry | null> => {
    const standing = () => this.#window.entries.find((entry) => entry.position === position);
    if (!standing()) {
      await this.#take([{ before: position }, { from: position }], around(position), true);
    }
    return standing() ?? null;
  };

  /** Back to the newest. */
  readonly goToEnd = async (): Promise<void> => {
    if (this.#window.newer) await this.start();
  };

  /** Reads unless something is being read; `replaces` goes before that. */
  async #take(sides: Side[], take: Take, replaces = false): Promise<void> {
    if (this.#told && !replaces) return;
    if (replaces) this.#turn += 1;
    const turn = this.#turn;
    const told: EntryChange[] = [];
    this.#told = told;
    const pages = await Promise.all(sides.map((side) => this.#read(side))).finally(() => {
      if (this.#told === told) this.#told = null;
    });
    if (turn !== this.#turn) return;
    const damaged = pages.flatMap((page) => page.damaged);
    if (damaged.length > 0) this.#damaged = new Set([...this.#damaged, ...damaged]);
    this.#replace(told.reduce(changed, take(this.#window, pages)));
  }

  #replace(window: EntryWindow): void {
    this.#window = window;
    for (const listener of this.#listeners) listener();
  }
}

function around(position: string): Take {
  return (window, [older, newer]) => {
    // Where nothing stands any more, what is shown stays.
    if (newer!.entries[0]?.position !== position) return window;
    const behind = prepend(emptyWindow, newer!.entries, true);
    return append(prepend(behind, older!.entries, older!.more), [], newer!.more);
  };
}

function changed(window: EntryWindow, change: EntryChange): EntryWindow {
  return "entry" in change ? upsert(window, change.entry) : without(window, change.removed);
}
