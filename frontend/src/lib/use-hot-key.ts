import { useEffect, useEffectEvent } from "react";

/** Ctrl or Command and a letter. */
export function useHotKey(letter: string, act: () => void): void {
  const run = useEffectEvent(act);
  useEffect(() => {
    function pressed(event: KeyboardEvent): void {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== letter) return;
      event.preventDefault();
      run();
    }
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [letter]);
}

/** A key by itself, while nobody types and nothing lies above the page. */
export function usePlainKey(key: string, act: () => void): void {
  const run = useEffectEvent(act);
  useEffect(() => {
    function pressed(event: KeyboardEvent): void {
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target instanceof Element ? event.target : null;
      if (at?.closest("input, textarea, select, [contenteditable], [role=dialog]")) return;
      if (document.querySelector("[aria-modal=true], [role=dialog], [role=alertdialog]")) return;
      event.preventDefault();
      run();
    }
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [key]);
}

/** Esc, while something is open that no dialog takes care of. */
export function useEscape(active: boolean, act: () => void): void {
  const run = useEffectEvent(act);
  useEffect(() => {
    if (!active) return;
    function pressed(event: KeyboardEvent): void {
      if (event.key === "Escape" && !event.defaultPrevented) run();
    }
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [active]);
}
