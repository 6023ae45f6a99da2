/** The first `length` digits of what was typed or pasted: "409 123", "Code: 409-123", "４０９". */
export function digitsOf(text: string, length: number): string {
  return text.normalize("NFKC").replace(/\D/g, "").slice(0, length);
}

/** "JBSWY3DPEHPK3PXP" as "JBSW Y3DP EHPK 3PXP". */
export function groupsOfFour(text: string): string {
  return text.replace(/\s+/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}
