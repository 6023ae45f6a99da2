/** What was seen when a conversation broke, in words for people. */
import type { TFunction } from "i18next";

const texts = {
  "bad-leaf": "broken.badLeaf",
  "duplicate-device": "broken.badLeaf",
  "two-account-keys": "broken.badLeaf",
  "identity-changed": "broken.badLeaf",
  "wrong-account-key": "broken.badLeaf",
  "bad-signature": "broken.badLeaf",
  "key-mismatch": "broken.badLeaf",
  "wrong-user": "broken.badLeaf",
  "wrong-device": "broken.badLeaf",
  "wrong-sender": "broken.wrongSender",
  "forged-sender": "broken.wrongSender",
  "not-admin": "broken.notAdmin",
  "third-user": "broken.thirdUser",
  "foreign-join": "broken.foreignJoin",
  "foreign-removal": "broken.foreignRemoval",
  "context-changed": "broken.context",
  "bad-context": "broken.context",
  "unknown-proposal": "broken.context",
  "older-group": "broken.older",
} as const;

/** `reason`: kebab-case, as the engine gives it. Of one without words: that it did not check. */
export function brokenText(reason: string, t: TFunction): string {
  return t(isTold(reason) ? texts[reason] : "broken.unchecked");
}

function isTold(reason: string): reason is keyof typeof texts {
  return Object.hasOwn(texts, reason);
}
