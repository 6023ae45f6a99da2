/** What is measured in a browser, between the worker that does it and the program that prints it. */

/** How long one thing took, by rank among all the times that it was done. */
export interface Times {
  p50: number;
  p95: number;
  /** How often it was done. */
  count: number;
}

export interface Options {
  /** Of each query, and of each room. */
  rounds: number;
  /** People in the rooms, one device each. */
  members: number[];
}

export interface Figures {
  /** In milliseconds, by what was looked for: a page of 20 from sealed records. */
  search: { messages: number; milliseconds: Record<string, Times> };
  /** Sealed on one device and opened on another, the changed records taken on both. */
  messages: { members: number; microseconds: Times }[];
}

/** `times`: unsorted, at least one. */
export function ranked(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (rank: number) => sorted[Math.ceil(sorted.length * rank) - 1]!;
  const round = (time: number) => Math.round(time * 1000) / 1000;
  return { p50: round(at(0.5)), p95: round(at(0.95)), count: sorted.length };
}
