import { digitGroups } from "@/lib/digits";

interface BigDigitsProps {
  digits: string;
  /** How many stand together. */
  group?: number;
}

/** Digits to be read from one screen and typed on another. A screen reader says them one by one. */
export function BigDigits({ digits, group = 3 }: BigDigitsProps) {
  const groups = digitGroups(digits, group);
  return (
    <p className="code-digits text-center text-hero font-strong select-all">
      <span className="sr-only">{groups.map((part) => part.split("").join(" ")).join(", ")}</span>
      <span aria-hidden="true" className="inline-flex flex-wrap justify-center gap-x-4">
        {groups.map((part, place) => (
          // oxlint-disable-next-line react/no-array-index-key -- equal groups stand in several places
          <span key={place}>{part}</span>
        ))}
      </span>
    </p>
  );
}
