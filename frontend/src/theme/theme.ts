/** Light, dark, or as the system says; kept in this browser. */
import { stored } from "@/lib/stored";
import { useSyncExternalStore } from "react";
import * as z from "zod/mini";

export type ThemeChoice = "system" | "light" | "dark";

const choice = stored("snug.theme", z.enum(["system", "light", "dark"]), { plain: true });
const system = () => matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function themeChoice(): ThemeChoice {
  return choice.read() ?? "system";
}

export function chooseTheme(next: ThemeChoice): void {
  choice.write(next);
  applyTheme();
  for (const listener of listeners) listener();
}

export function applyTheme(): void {
  const picked = themeChoice();
  const dark = picked === "dark" || (picked === "system" && system().matches);
  const root = document.documentElement;
  root.dataset.theme = dark ? "dark" : "light";
  const canvas = getComputedStyle(root).getPropertyValue("--canvas").trim();
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", canvas);
}

export function watchSystemTheme(): void {
  system().addEventListener("change", applyTheme);
  window.addEventListener("storage", applyTheme);
}

export function useTheme(): ThemeChoice {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, themeChoice);
}
