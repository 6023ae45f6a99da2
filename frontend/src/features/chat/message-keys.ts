/** The keyboard among messages: one stop for the tab key, from there the arrows walk. */
import type { KeyboardEvent } from "react";

const MENU = "[data-message-menu]";

/** The key of the item whose menu this is; `null` for anything else. */
export function menuOf(element: Element): string | null {
  if (!element.matches(MENU)) return null;
  return element.closest<HTMLElement>("[data-item]")?.dataset.item ?? null;
}

/** Goes from the menu of one message to its neighbour's. */
export function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !(event.target instanceof HTMLElement) || !event.target.matches(MENU)) return;
  event.preventDefault();
  const menus = [...event.currentTarget.querySelectorAll<HTMLElement>(MENU)];
  const next = menus[menus.indexOf(event.target) + step];
  next?.focus({ preventScroll: true });
  next?.closest("[data-item]")?.scrollIntoView({ block: "nearest" });
}
