import { useEffect, useState } from "react";

/** A value once it has stood still for so many milliseconds; an empty text at once. */
export function useSettled(value: string, pause: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), value === "" ? 0 : pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return value === "" ? "" : settled;
}
