import { type PointerEvent, useEffect, useRef } from "react";

/** Milliseconds until a touch that stays is meant. */
const LONG = 450;
/** A finger moves a little even when it rests, in pixels. */
const REST = 10;

interface LongPress {
  onPointerDownCapture: (event: PointerEvent) => void;
  onPointerMoveCapture: (event: PointerEvent) => void;
  onPointerUpCapture: () => void;
  onPointerCancelCapture: () => void;
}

/** A finger that rests on an element, or on a button in it. Not every system calls that a context menu. */
export function useLongPress(act: () => void): LongPress {
  const begun = useRef<{ x: number; y: number; timer: ReturnType<typeof setTimeout> } | null>(null);
  const stop = () => {
    clearTimeout(begun.current?.timer);
    begun.current = null;
  };
  useEffect(() => () => clearTimeout(begun.current?.timer), []);
  return {
    onPointerDownCapture({ pointerType, pointerId, isPrimary, clientX: x, clientY: y, target }) {
      stop();
      if (pointerType !== "touch" || !isPrimary) return;
      const timer = setTimeout(() => {
        // What lies under the finger is not pressed as well when it is lifted.
        const init = { bubbles: true, pointerId, pointerType };
        target.dispatchEvent(new globalThis.PointerEvent("pointercancel", init));
        act();
      }, LONG);
      begun.current = { x, y, timer };
    },
    onPointerMoveCapture({ clientX, clientY }) {
      const from = begun.current;
      if (from && Math.hypot(clientX - from.x, clientY - from.y) > REST) stop();
    },
    onPointerUpCapture: stop,
    onPointerCancelCapture: stop,
  };
}
