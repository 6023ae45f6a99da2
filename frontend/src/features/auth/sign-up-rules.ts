/** What the sign-up form asks of each field. The server asks the same again. */
import { limits } from "@/protocol.gen";
import type { TFunction } from "i18next";

export interface SignUpValues {
  name: string;
  email: string;
  username: string;
  password: string;
  invite: string;
}

type Rule = (value: string, t: TFunction, all: SignUpValues) => string | null;

export const signUpRules: Record<keyof SignUpValues, Rule> = {
  name: (value, t) => nameError(value, t),
  email(value, t) {
    const address = value.trim();
    if (!address) return t("signUp.errors.emailRequired");
    if (address.length > limits.EMAIL_MAX) return t("signUp.errors.emailTooLong");
    return looksLikeEmail(address) ? null : t("signUp.errors.emailFormat");
  },
  username(value, t) {
    const name = value.trim();
    if (!name) return t("signUp.errors.usernameRequired");
    if (!/^[a-z0-9._-]+$/i.test(name)) return t("signUp.errors.usernameFormat");
    if (name.length < limits.USERNAME_MIN) {
      return t("signUp.errors.usernameShort", { min: limits.USERNAME_MIN });
    }
    if (name.length > limits.USERNAME_MAX) {
      return t("signUp.errors.usernameLong", { max: limits.USERNAME_MAX });
    }
    return null;
  },
  password(value, t, { username, email }) {
    if (!value) return t("signUp.errors.passwordRequired");
    const length = lengthOf(value);
    if (length < limits.PASSWORD_MIN) {
      return t("signUp.errors.passwordShort", { min: limits.PASSWORD_MIN });
    }
    if (length > limits.PASSWORD_MAX) {
      return t("signUp.errors.passwordLong", { max: limits.PASSWORD_MAX });
    }
    return holds(value, username, 3) || holds(value, email.split("@")[0] ?? "", 4)
      ? t("signUp.errors.passwordPersonal")
      : null;
  },
  invite: () => null,
};

export function nameError(value: string, t: TFunction): string | null {
  if (lengthOf(value.trim()) <= limits.NAME_MAX) return null;
  return t("signUp.errors.nameLong", { max: limits.NAME_MAX });
}

/** What the server found wrong with a field, in the person's language. */
export function serverError(
  field: string,
  code: string,
  values: SignUpValues,
  t: TFunction,
): string {
  if (field === "email") return t("signUp.errors.emailFormat");
  if (field === "invite") return t("signUp.errors.inviteInvalid");
  if (field === "name") {
    return signUpRules.name(values.name, t, values) ?? t("signUp.errors.nameFormat");
  }
  if (field === "username") {
    return signUpRules.username(values.username, t, values) ?? t("signUp.errors.usernameRefused");
  }
  if (code === "common") return t("signUp.errors.passwordCommon");
  return signUpRules.password(values.password, t, values) ?? t("signUp.errors.passwordPersonal");
}

/** A name that is probably free: "bo" becomes "bo.31". */
export function suggestion(username: string, random: number): string {
  const tail = `.${10 + Math.floor(random * 89)}`;
  return (
    username
      .trim()
      .toLowerCase()
      .slice(0, limits.USERNAME_MAX - tail.length) + tail
  );
}

export function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(text);
}

function holds(password: string, part: string, least: number): boolean {
  const word = part.trim().toLowerCase();
  return word.length >= least && password.toLowerCase().includes(word);
}

function lengthOf(text: string): number {
  return [...text].length;
}
