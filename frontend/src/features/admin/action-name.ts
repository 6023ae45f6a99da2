/** What the log's actions are called. */
import type { TFunction } from "i18next";
import type en from "@/i18n/en.json";

type Action = keyof (typeof en)["admin"]["actionNames"];

const known: Action[] = [
  "account-activated",
  "account-deactivated",
  "account-deleted",
  "admin",
  "archive-removed",
  "browser-forgotten",
  "browser-remembered",
  "browsers-forgotten",
  "device-added",
  "device-revoked",
  "email-changed",
  "exported",
  "factor-added",
  "factor-removed",
  "factor-reset",
  "factor-reset-cancelled",
  "factor-reset-withdrawn",
  "invitation-created",
  "invitation-revoked",
  "keys-reset",
  "link-approved",
  "link-failed",
  "other-sessions-ended",
  "password-changed",
  "password-forgot",
  "password-reset",
  "recovery-codes-renewed",
  "recovery-replaced",
  "role-changed",
  "session-ended",
  "sessions-ended",
  "sign-in",
  "signed-in",
  "signed-out",
  "step-up",
];

/** In the person's language; one that this app does not know yet stands as it is. */
export function actionName(action: string, t: TFunction): string {
  const found = known.find((name) => name === action);
  return found ? t(`admin.actionNames.${found}`) : action;
}
