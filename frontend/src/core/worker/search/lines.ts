/** The index in memory: which line of the history holds which words. */
import MiniSearch, { type Options, type SearchOptions } from "minisearch";
import { termOf, wordsOf } from "./words";

interface Line {
  /** `<conversation>/<position>`. */
  id: string;
  text: string;
  /** When it was sent. */
  at: number;
}

export interface Found {
  id: string;
  /** The words in it that were meant. */
  terms: readonly string[];
}

const options: Options<Line> = {
  fields: ["text"],
  storeFields: ["at"],
  tokenize: wordsOf,
  processTerm: termOf,
};

/** As one types: every word has to be there, or begin so. */
const strict: SearchOptions = { combineWith: "AND", prefix: (term) => term.length > 1 };

/** One letter may be wrong in a short word, two in a long one. */
const lenient: SearchOptions = {
  ...strict,
  fuzzy: (term) => (term.length > 6 ? 2 : term.length > 3 ? 1 : 0),
};

export class Lines {
  readonly #index: MiniSearch<Line>;

  private constructor(index: MiniSearch<Line>) {
    this.#index = index;
  }

  static empty(): Lines {
    return new Lines(new MiniSearch(options));
  }

  /** Throws when it is none. */
  static async read(packed: string): Promise<Lines> {
    return new Lines(await MiniSearch.loadJSONAsync(packed, options));
  }

  get size(): number {
    return this.#index.documentCount;
  }

  has(id: string): boolean {
    return this.#index.has(id);
  }

  put(line: Line): void {
    this.remove(line.id);
    if (line.text.trim()) this.#index.add(line);
  }

  remove(id: string): void {
    if (this.#index.has(id)) this.#index.discard(id);
  }

  /**
   * The lines that hold every word of the query, the newest first, in one conversation or all.
   * Only where there is none are words taken that are spelt nearly so.
   */
  find(query: string, conversation?: string): Found[] {
    const filter: SearchOptions = conversation
      ? { filter: ({ id }) => (id as string).startsWith(`${conversation}/`) }
      : {};
    const exact = this.#index.search(query, { ...strict, ...filter });
    const found = exact.length > 0 ? exact : this.#index.search(query, { ...lenient, ...filter });
    return found
      .toSorted((a, b) => (b.at as number) - (a.at as number) || (a.id < b.id ? 1 : -1))
      .map(({ id, terms }) => ({ id: id as string, terms }));
  }

  /** Takes the words of removed lines out for good, a few at a time. */
  async clean(): Promise<void> {
    if (this.#index.dirtCount > 0) await this.#index.vacuum({ batchSize: 5_000, batchWait: 1 });
  }

  pack(): string {
    return JSON.stringify(this.#index);
  }
}
