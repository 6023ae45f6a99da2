import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { afterQuery } from "./after";
import { watchIdle } from "./idle";
import { lockNow } from "./lock-now";

/** Locks when nobody touched the page for as long as the person chose. */
export function useIdleLock(isOpen: boolean): void {
  const { data: after = 0 } = useQuery({ ...afterQuery, enabled: isOpen });
  useEffect(() => {
    if (!isOpen || after === 0) return;
    return watchIdle(window, after * 60_000, lockNow);
  }, [isOpen, after]);
}
