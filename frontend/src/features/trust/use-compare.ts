import { call, onCoreEvent } from "@/core/core";
import type { Comparison } from "@/core/engine.gen";
import { useCallback, useEffect, useState } from "react";

/** Compares what a person's screen shows with what is known here. */
export function useCompare(userId: string): {
  /** What the last comparison came to. */
  result: Comparison | null;
  compare: (text: string) => void;
  /** Forgets the result. */
  again: () => void;
} {
  const [result, setResult] = useState<Comparison | null>(null);

  useEffect(
    () =>
      onCoreEvent((event) => {
        if (event.type !== "notices") return;
        for (const notice of event.notices) {
          if (notice.type === "compared" && notice.user_id === userId) setResult(notice.result);
        }
      }),
    [userId],
  );

  const compare = useCallback(
    (text: string) => void call("command", { type: "compare_code", user_id: userId, text }),
    [userId],
  );
  return { result, compare, again: useCallback(() => setResult(null), []) };
}
