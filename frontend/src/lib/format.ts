/** Times for people, by their language. */

const DAY = 86_400_000;

/** 14:32 */
export function clock(time: number, language: string): string {
  return formatter(language, { hour: "2-digit", minute: "2-digit" }).format(time);
}

/** In the list: the clock today, the weekday within a week, else the date. */
export function listTime(time: number, now: number, language: string): string {
  const days = daysBetween(time, now);
  if (days <= 0) return clock(time, language);
  if (days < 7) return formatter(language, { weekday: "short" }).format(time);
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return formatter(
    language,
    sameYear
      ? { day: "numeric", month: "short" }
      : { day: "numeric", month: "numeric", year: "2-digit" },
  ).format(time);
}

/** Over the messages of a day; `null` for today and yesterday, which have words of their own. */
export function dayName(time: number, now: number, language: string): string | null {
  const days = daysBetween(time, now);
  if (days <= 1) return null;
  if (days < 7) return formatter(language, { weekday: "long" }).format(time);
  return longDate(time, language);
}

/** 4 March 2026 */
export function longDate(time: number, language: string): string {
  return formatter(language, { dateStyle: "long" }).format(time);
}

/** 4 Mar 2026, 14:32 */
export function dateTime(time: number, language: string): string {
  return formatter(language, { dateStyle: "medium", timeStyle: "short" }).format(time);
}

/** "5 minutes ago", "yesterday", … */
export function ago(time: number, now: number, language: string): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 3600) return words.format(-Math.max(1, Math.round(seconds / 60)), "minute");
  if (seconds < 86_400) return words.format(-Math.round(seconds / 3600), "hour");
  const days = daysBetween(time, now);
  if (days < 30) return words.format(-days, "day");
  return words.format(-Math.round(days / 30), "month");
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one is slow, and a conversation needs it for every bubble. */
function formatter(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const made = formatters.get(key) ?? new Intl.DateTimeFormat(language, options);
  formatters.set(key, made);
  return made;
}

/** Midnights between two moments. */
export function daysBetween(time: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(time)) / DAY);
}

export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** 0:42 */
export function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
