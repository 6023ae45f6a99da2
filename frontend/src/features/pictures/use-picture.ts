import {
  type RefObject,
  useCallback,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { Entry } from "@/core/engine.gen";
import { look, type PictureBody, type Shown, shownOf } from "./opened";

/** So near the screen a picture is fetched. */
const NEAR = "400px";

/** Opens a picture and follows how it stands; `wanted` says whether it is looked at. */
export function usePicture(entry: Entry, body: PictureBody, wanted: boolean): Shown {
  const follow = useCallback(
    (listener: () => void) => (wanted ? look(entry, body, listener) : () => undefined),
    // oxlint-disable-next-line react/exhaustive-deps -- the same picture, whatever else changes
    [entry.key, body.attachment_id, wanted],
  );
  return useSyncExternalStore(follow, () => shownOf(entry));
}

/** Whether an element is on the screen or near it. */
export function useNear<T extends Element>(): [RefObject<T | null>, boolean] {
  const element = useRef<T>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => setNear(entry?.isIntersecting ?? false),
      { rootMargin: NEAR },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, near];
}
