/** Cuts text into the words that it is found by. */
import { fold } from "@/lib/fold";

/** Scripts without spaces: each sign stands for itself. Then emoji, then words. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Extended_Pictographic}]|[[\p{L}\p{M}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]]+/gv;

/** Longer ones are no words: keys, hashes. Their beginning is enough to find them. */
const LONGEST = 32;

export interface Place {
  start: number;
  end: number;
}

/** As they stand in the text. */
export function wordsOf(text: string): string[] {
  return text.match(word) ?? [];
}

/** A word as the index knows it. */
export function termOf(found: string): string {
  return fold(found).slice(0, LONGEST);
}

/** Where the words stand whose terms are among these. */
export function placesOf(text: string, terms: ReadonlySet<string>): Place[] {
  return [...text.matchAll(word)]
    .filter(([found]) => terms.has(termOf(found)))
    .map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
}
