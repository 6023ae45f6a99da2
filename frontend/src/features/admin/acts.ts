/** What can be done to somebody's account. */
import { api } from "@/core/api";
import type { Account, Role } from "@/protocol.gen";

/** What somebody is about to do. */
export type AccountAct =
  | { what: "role"; role: Role }
  | { what: "sessions" }
  | { what: "reset" }
  | { what: "deactivate" }
  | { what: "activate" }
  | { what: "delete" };

export const actWords = {
  role: { title: "admin.roleTitle", text: "admin.roleText", action: "admin.roleAction" },
  sessions: {
    title: "admin.endSessionsTitle",
    text: "admin.endSessionsText",
    action: "admin.endSessions",
  },
  reset: { title: "admin.resetTitle", text: "admin.resetText", action: "admin.reset" },
  deactivate: {
    title: "admin.deactivateTitle",
    text: "admin.deactivateText",
    action: "admin.deactivate",
  },
  activate: { title: "admin.activateTitle", text: "admin.activateText", action: "admin.activate" },
  delete: {
    title: "admin.deleteTitle",
    text: "admin.deleteText",
    action: "account.deleteAction",
  },
} as const satisfies Record<AccountAct["what"], unknown>;

export function carryOut({ user_id, username }: Account, act: AccountAct): Promise<unknown> {
  switch (act.what) {
    case "role":
      return api.setRole(user_id, { role: act.role });
    case "sessions":
      return api.endSessionsOf(user_id);
    case "reset":
      return api.resetFactors(user_id);
    case "deactivate":
      return api.switchOff(user_id);
    case "activate":
      return api.switchOn(user_id);
    case "delete":
      return api.deleteAccount(user_id, { username });
  }
}
