/** After how long messages go away. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** What is offered, in seconds; `null`: they stay. */
export const timers = [null, 30, 5 * MINUTE, HOUR, DAY, WEEK, 4 * WEEK] as const;

const units = [
  ["week", WEEK],
  ["day", DAY],
  ["hour", HOUR],
  ["minute", MINUTE],
] as const;

/** Seconds in the largest unit that they fill: "5 minutes"; `narrow`: "5m". */
export function duration(
  seconds: number,
  locale: string,
  unitDisplay: "long" | "narrow" = "long",
): string {
  const [unit, size] = units.find(([, of]) => seconds >= of && seconds % of === 0) ?? ["second", 1];
  const style = { style: "unit", unit, unitDisplay } as const;
  return new Intl.NumberFormat(locale, style).format(seconds / size);
}
