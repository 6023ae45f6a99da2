/** Letting a new device in from one in use: which of its screens stands. */
import { call, onCoreEvent } from "@/core/core";
import type { LinkState } from "@/core/engine.gen";
import { patchCore } from "@/core/store";
import { useSyncExternalStore } from "react";

export type LinkScreen =
  /** None: nothing is being linked here. */
  | { type: "closed" }
  /** How the new device is let in. */
  | { type: "choose" }
  /** The new device's code is to be scanned. */
  | { type: "scan"; error: "not_a_code" | "other_account" | null; sent: boolean }
  /** Until the new device asks. */
  | { type: "await" }
  /** As the engine tells. */
  | { type: "follow"; link: LinkState }
  /** The person said that it is not their device. */
  | { type: "not_mine" };

/** The screen after the engine told how linking stands. */
export function afterLink(screen: LinkScreen, link: LinkState): LinkScreen {
  switch (link.type) {
    case "idle":
      // Another of my devices let it in, or it went away.
      return screen.type === "follow" ? { type: "closed" } : screen;
    case "asked":
      // Who has a question of their own open is not interrupted.
      return screen.type === "closed" || screen.type === "choose" || screen.type === "await"
        ? { type: "follow", link }
        : screen;
    case "failed": {
      const { type } = link.reason;
      if (screen.type === "scan" && (type === "not_a_code" || type === "other_account")) {
        return { type: "scan", error: type, sent: false };
      }
      // What was only asked, and not answered here, is over without a word.
      if (screen.type === "follow" && screen.link.type === "asked") return { type: "closed" };
      return screen.type === "follow" || (screen.type === "scan" && screen.sent)
        ? { type: "follow", link }
        : screen;
    }
    default:
      return screen.type === "follow" || (screen.type === "scan" && screen.sent)
        ? { type: "follow", link }
        : screen;
  }
}

let screen: LinkScreen = { type: "closed" };
const listeners = new Set<() => void>();

export function useLinkScreen(): LinkScreen {
  return useSyncExternalStore(subscribe, () => screen);
}

export function openLinking(): void {
  show({ type: "choose" });
}

export function chooseScan(): void {
  show({ type: "scan", error: null, sent: false });
}

export function chooseDigits(): void {
  show({ type: "await" });
}

export function scanned(text: string): void {
  show({ type: "scan", error: null, sent: true });
  void call("command", { type: "scan_link", text });
}

/** No more of it here; a device that only asked may still be let in by another of mine. */
export function closeLinking(): void {
  const under = screen.type === "follow" || (screen.type === "scan" && screen.sent);
  show({ type: "closed" });
  if (under) end("cancel_link");
}

/** No more of it anywhere: no device of mine shall let it in. */
export function notMine(): void {
  show({ type: "not_mine" });
  end("refuse_link");
}

function end(how: "cancel_link" | "refuse_link"): void {
  void call("command", { type: how });
  patchCore({ link: { type: "idle" } });
}

onCoreEvent((event) => {
  if (event.type !== "notices") return;
  for (const notice of event.notices) {
    if (notice.type === "link") show(afterLink(screen, notice.link));
  }
});

function show(next: LinkScreen): void {
  screen = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
