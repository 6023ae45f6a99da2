/** The first `length` digits of what was typed or pasted: "409 123", "Code: 409-123", "４０９". */
export function digitsOf(text: string, length: number): string {
  return text.normalize("NFKC").replace(/\D/g, "").slice(0, length);
}

/** "JBSWY3DPEHPK3PXP" as "JBSW Y3DP EHPK 3PXP". */
export function groupsOfFour(text: string): string {
  return text.replace(/\s+/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}

/** "1234567" in threes: "123", "4567". One alone at the end stands with those before it. */
export function digitGroups(digits: string, size: number): string[] {
  const groups = digits.match(new RegExp(`\\d{${size + 1}}$|\\d{1,${size}}`, "g")) ?? [];
  return [...groups];
}
