/** The size of a file for people: 812 bytes, 4.3 kB, 2 MB. */
const STEP = 1000;

export function fileSize(bytes: number, locale: string): string {
  const [unit, value] =
    bytes < STEP
      ? (["byte", bytes] as const)
      : bytes < STEP * STEP
        ? (["kilobyte", bytes / STEP] as const)
        : (["megabyte", bytes / (STEP * STEP)] as const);
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: value < 10 && unit !== "byte" ? 1 : 0,
  }).format(value);
}
