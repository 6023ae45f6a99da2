/** The part of a message that shows why it was found. */
import type { SnippetPiece } from "../../messages";
import { placesOf } from "./words";

/** Characters before the first word that was looked for, and in all. */
const LEAD = 40;
const LENGTH = 160;

/** The text around the first of the terms; all of them marked. Runs of space are one. */
export function snippetOf(whole: string, terms: ReadonlySet<string>): SnippetPiece[] {
  const text = whole.replace(/\s+/g, " ").trim();
  const places = placesOf(text, terms);
  const start = startOf(text, places[0]?.start ?? 0);
  const end = endOf(text, start + LENGTH);
  const pieces: SnippetPiece[] = [];
  const add = (piece: string, marked: boolean) => {
    if (piece) pieces.push({ text: piece, marked });
  };
  let at = start;
  add(start > 0 ? "…" : "", false);
  for (const place of places) {
    if (place.end > end) break;
    add(text.slice(at, place.start), false);
    add(text.slice(place.start, place.end), true);
    at = place.end;
  }
  add(text.slice(at, end) + (end < text.length ? "…" : ""), false);
  return joined(pieces);
}

/** A little before, where a word begins. */
function startOf(text: string, first: number): number {
  if (first <= LEAD) return 0;
  const space = text.indexOf(" ", first - LEAD);
  return space === -1 || space >= first ? first : space + 1;
}

function endOf(text: string, end: number): number {
  if (end >= text.length) return text.length;
  const space = text.lastIndexOf(" ", end);
  // A word without an end is cut, between two characters.
  if (space <= end - LEAD) return /[\uDC00-\uDFFF]/.test(text[end] ?? "") ? end - 1 : end;
  return space;
}

function joined(pieces: SnippetPiece[]): SnippetPiece[] {
  const out: SnippetPiece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last?.marked === piece.marked) last.text += piece.text;
    else out.push({ ...piece });
  }
  return out;
}
