import { call } from "@/core/core";
import { useCallback, useEffect, useRef } from "react";

/** Said again while somebody goes on writing. */
const AGAIN = 3_000;
/** A pause this long is a stop. */
const STOP = 5_000;

/** Tells the other side that one writes, and when one stops. */
export function useTyping(conversation: string): (active: boolean) => void {
  const saidAt = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const typing = useCallback(
    (active: boolean) => {
      clearTimeout(timer.current);
      const now = Date.now();
      if (active) {
        timer.current = setTimeout(() => typing(false), STOP);
        if (now - saidAt.current < AGAIN) return;
      } else if (saidAt.current === 0) return;
      saidAt.current = active ? now : 0;
      void call("command", { type: "typing", conversation, active });
    },
    [conversation],
  );

  useEffect(() => () => typing(false), [typing]);
  return typing;
}
