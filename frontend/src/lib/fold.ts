/** Letters that Unicode does not take apart, as people type them who lack the key. */
const typed: Record<string, string> = {
  œ: "oe",
  æ: "ae",
  ß: "ss",
  ø: "o",
  đ: "d",
  ð: "d",
  ł: "l",
  þ: "th",
  ı: "i",
  "’": "'",
};
const letters = new RegExp(`[${Object.keys(typed).join("")}]`, "g");

/** Text as it is compared: small letters, without accents, ligatures in full. */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(letters, (letter) => typed[letter]!);
}
