/** Wrong passphrases, and how long the next may not be tried: counted over reloads and tabs. */

export interface Tries {
  count: number;
  /** Milliseconds since 1970. */
  until: number;
}

/** So many cost nothing: fingers slip. */
const FREE = 2;
const FIRST = 5_000;
const LONGEST = 300_000;

/** After one more wrong one. */
export function afterWrong(before: Tries | undefined, now: number): Tries {
  const count = (before?.count ?? 0) + 1;
  const pause = count <= FREE ? 0 : Math.min(FIRST * 2 ** (count - FREE - 1), LONGEST);
  return { count, until: now + pause };
}

/** When the next may be tried; `null`: now. A clock that was set back holds nobody up for long. */
export function waitsUntil(tries: Tries | undefined, now: number): number | null {
  if (!tries || tries.until <= now || tries.until - now > LONGEST) return null;
  return tries.until;
}
