/** Why a link ended, in the person's language. */
import type { LinkFailure } from "@/core/engine.gen";
import { failureText } from "@/i18n/problem-text";
import type { TFunction } from "i18next";

const keys = {
  expired: "link.failed.expired",
  ended: "link.failed.ended",
  not_a_code: "link.failed.notACode",
  other_account: "link.failed.otherAccount",
  newer: "link.failed.newer",
  wrong_digits: "link.failed.wrongDigits",
  tampered: "link.failed.tampered",
  other_keys: "link.failed.otherKeys",
  not_now: "link.failed.notNow",
} as const;

export function linkFailureText(reason: LinkFailure, t: TFunction): string {
  return reason.type === "refused" ? failureText(reason.failure, t) : t(keys[reason.type]);
}
