/** Small values that outlive a page: parsed when read, so that a stranger's value is no value. */
import type * as z from "zod/mini";

export interface Stored<T> {
  read(): T | null;
  write(value: T): void;
  clear(): void;
}

interface Options {
  /** Kept as bare text instead of JSON (also read by public/start.js). */
  plain?: boolean;
}

export function stored<T>(key: string, schema: z.ZodMiniType<T>, options: Options = {}): Stored<T> {
  return {
    read() {
      try {
        const text = localStorage.getItem(key);
        if (text === null) return null;
        const parsed = schema.safeParse(options.plain ? text : JSON.parse(text));
        return parsed.success ? parsed.data : null;
      } catch {
        return null;
      }
    },
    write(value) {
      try {
        localStorage.setItem(key, options.plain ? String(value) : JSON.stringify(value));
      } catch {
        // Storage is full or closed: the value lives as long as the page.
      }
    },
    clear() {
      try {
        localStorage.removeItem(key);
      } catch {
        // As above.
      }
    },
  };
}
