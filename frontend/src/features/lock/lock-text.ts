/** Why a passphrase was not taken, in words. */
import { NoMemory } from "@/core/lock/kdf";
import { WrongPassphrase } from "@/core/lock/lock";
import { passwordStrength } from "@/features/auth/password-strength";
import type { TFunction } from "i18next";

export const SHORTEST = 8;

/** For the field with the passphrase that was wrong; `null` when that was not the reason. */
export function wrongText(fault: unknown, t: TFunction): string | null {
  return fault instanceof WrongPassphrase ? t("lock.wrong") : null;
}

export function otherText(fault: unknown, t: TFunction): string | null {
  if (fault === null || fault instanceof WrongPassphrase) return null;
  return fault instanceof NoMemory ? t("lock.noMemory") : t("lock.failed");
}

/** Whoever has the whole profile can guess without a pause: what is guessed at once is not taken. */
export function newPassphraseError(
  passphrase: string,
  personal: string[],
  t: TFunction,
): string | null {
  const strength = passwordStrength(passphrase, SHORTEST, personal);
  if (strength === 0) return t("lock.short", { count: SHORTEST });
  return strength === 1 ? t("lock.weak") : null;
}
