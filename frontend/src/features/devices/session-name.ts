/** What a session is called by what its program says of itself. */
import { browserOf, systemOf } from "@/core/device-name";

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
