/** French sets a space before some marks and inside its quotes, where no line may break. */

interface Texts {
  [key: string]: string | Texts;
}

/** The same texts with spaces that hold. */
export function withHardSpaces(texts: object): object {
  const held: Texts = {};
  for (const [key, value] of Object.entries(texts as Texts)) {
    held[key] = typeof value === "string" ? hold(value) : (withHardSpaces(value) as Texts);
  }
  return held;
}

function hold(text: string): string {
  return text.replace(/ (?=[:;?!»])/g, "\u00a0").replace(/« /g, "«\u00a0");
}
