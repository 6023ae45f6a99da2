/** What a session is called by what its program says of itself. */
import { browserOf, systemOf } from "@/core/device-name";
import type { TFunction } from "i18next";

export type SessionKind = "computer" | "phone" | "program";

export interface SessionName {
  kind: SessionKind;
  /** "Firefox", "snug/0.1.0"; `null` when it said nothing. */
  program: string | null;
  /** "Linux"; `null` for programs. */
  system: string | null;
}

const LONGEST = 60;

export function sessionName(agent: string | null): SessionName {
  const text = agent?.trim() ?? "";
  if (!text.startsWith("Mozilla/")) {
    return { kind: "program", program: text.slice(0, LONGEST) || null, system: null };
  }
  const system = systemOf(text);
  return {
    kind: system === "iOS" || system === "Android" ? "phone" : "computer",
    program: browserOf(text),
    system: system === "another system" ? null : system,
  };
}

/** What browsers call themselves when they become devices (`core/device-name.ts`). */
const OWN = /^(Edge|Opera|Firefox|Chrome|Safari|Browser) on ([A-Za-z]+|another system)$/;

/** A device's name in the person's language, unless somebody gave it another. */
export function shownName(name: string, t: TFunction): string {
  const [, browser, system] = OWN.exec(name) ?? [];
  if (!browser) return name;
  const program = browser === "Browser" ? t("sessions.browser") : browser;
  return system === "another system" ? program : t("sessions.on", { program, system });
}
