import { digitGroups } from "@/lib/digits";

/** The 60 digits in 12 groups of five. A screen reader says them one by one. */
export function SafetyDigits({ number }: { number: string }) {
  const groups = digitGroups(number, 5);
  return (
    <p className="code-digits text-center text-input font-medium text-text select-all">
      <span className="sr-only">{groups.map((part) => part.split("").join(" ")).join(", ")}</span>
      <span aria-hidden="true" className="mx-auto grid w-fit grid-cols-4 gap-x-4 gap-y-1.5">
        {groups.map((part, place) => (
          // oxlint-disable-next-line react/no-array-index-key -- equal groups stand in several places
          <span key={place}>{part}</span>
        ))}
      </span>
    </p>
  );
}
