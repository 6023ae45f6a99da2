/** A quick guess at how long a password stands, for the meter only: the server decides. */

export type Strength = 0 | 1 | 2 | 3 | 4;

const runs = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
const worn = ["password", "passwort", "motdepasse", "letmein", "welcome", "iloveyou", "azerty"];

/** 0 = shorter than `minimum`. `personal` words add nothing. */
export function passwordStrength(password: string, minimum: number, personal: string[]): Strength {
  if ([...password].length < minimum) return 0;
  let rest = password.toLowerCase();
  for (const word of [...worn, ...personal.map((part) => part.toLowerCase())]) {
    if (word.length >= 3) rest = rest.replaceAll(word, "*");
  }
  rest = collapse(rest);
  const bits = rest.length * Math.log2(alphabetOf(password));
  if (bits < 38) return 1;
  if (bits < 56) return 2;
  if (bits < 76) return 3;
  return 4;
}

/** "aaaa" and "3456" count as two. */
function collapse(text: string): string {
  let kept = "";
  for (const letter of text) {
    const before = kept.at(-1);
    const same = letter === before && kept.at(-2) === before;
    const runs = before !== undefined && follows(before, letter) && followsAt(kept);
    if (!same && !runs) kept += letter;
    else if (runs) kept = kept.slice(0, -1) + letter;
  }
  return kept;
}

function follows(a: string, b: string): boolean {
  return runs.some((run) => run.includes(a + b) || run.includes(b + a));
}

function followsAt(kept: string): boolean {
  const [a, b] = [kept.at(-2), kept.at(-1)];
  return a !== undefined && b !== undefined && follows(a, b);
}

function alphabetOf(password: string): number {
  let size = 0;
  if (/[a-z]/.test(password)) size += 26;
  if (/[A-Z]/.test(password)) size += 26;
  if (/\d/.test(password)) size += 10;
  if (/[^a-zA-Z\d]/.test(password)) size += 24;
  return Math.max(size, 2);
}
