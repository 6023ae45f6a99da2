/** Names of files, as others gave them: nothing in one may surprise the system it is saved on. */

/** Longest name that is written, in code points. */
const LONGEST = 120;
const FALLBACK = "file";
/** Names of devices on Windows, whatever their ending. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
/** Controls, what no file system takes, and what turns the direction of writing. */
const harmful = /[\p{Cc}<>:"/\\|?*\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** The name under which a received file is saved. */
export function safeName(name: string): string {
  const clean = name
    .normalize("NFC")
    .replaceAll(harmful, "_")
    // Hidden files on Unix; Windows drops what stands at the end.
    .replace(/^[.\s]+/u, "")
    .replace(/[.\s]+$/u, "");
  const named = clean === "" ? FALLBACK : reserved.test(clean) ? `_${clean}` : clean;
  return shortened(named);
}

/** What stands behind the last dot, in lower case; empty without one. */
export function endingOf(name: string): string {
  return /\.([^.\s]{1,8})$/u.exec(name)?.[1]?.toLowerCase() ?? "";
}

function shortened(name: string): string {
  const letters = [...name];
  if (letters.length <= LONGEST) return name;
  const ending = endingOf(name);
  const tail = ending ? `.${ending}` : "";
  return letters.slice(0, LONGEST - [...tail].length).join("") + tail;
}
