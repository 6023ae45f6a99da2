import { call } from "@/core/core";
import { useEffect, useState } from "react";

/** Said again while somebody goes on writing. */
const AGAIN = 3_000;
/** A pause this long is a stop. */
const STOP = 5_000;

/** Tells the other side that one writes, and when one stops. For one conversation only. */
export function useTyping(conversation: string): (active: boolean) => void {
  const [typing] = useState(() => signal(conversation));
  useEffect(() => () => typing(false), [typing]);
  return typing;
}

function signal(conversation: string): (active: boolean) => void {
  let saidAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  return function typing(active: boolean): void {
    clearTimeout(timer);
    const now = Date.now();
    if (active) {
      timer = setTimeout(() => typing(false), STOP);
      if (now - saidAt < AGAIN) return;
    } else if (saidAt === 0) return;
    saidAt = active ? now : 0;
    void call("command", { type: "typing", conversation, active });
  };
}
