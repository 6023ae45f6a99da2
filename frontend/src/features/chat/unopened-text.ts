/** Why a message stays closed here, in words for people. */
import type { UnopenedReason } from "@/core/engine.gen";
import type { TFunction } from "i18next";

const texts = {
  forged: "unopened.forged",
  no_keys: "unopened.noKeys",
  malformed: "unopened.malformed",
  missing: "unopened.missing",
  revoked: "unopened.revoked",
} as const satisfies Record<UnopenedReason, string>;

export function unopenedText(reason: UnopenedReason, t: TFunction): string {
  return t(texts[reason]);
}
