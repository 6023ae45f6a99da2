/** A password that takes the place of another: the rules of a sign-up. */
import { ApiError } from "@/core/api";
import type { TFunction } from "i18next";
import { serverError, signUpRules } from "./sign-up-rules";

/** What is known of whose password it is. */
export interface Owner {
  username: string;
  email: string;
}

/** `name` is a username or an address. */
export function ownerOf(name: string): Owner {
  const typed = name.trim();
  return typed.includes("@") ? { username: "", email: typed } : { username: typed, email: "" };
}

export function newPasswordError(password: string, owner: Owner, t: TFunction): string | null {
  return signUpRules.password(password, t, { ...owner, name: "", password, invite: "" });
}

/** What the server found wrong with it; `null` when that was not the reason. */
export function refusedPassword(
  fault: unknown,
  password: string,
  owner: Owner,
  t: TFunction,
): string | null {
  const wrong = fault instanceof ApiError ? fault.field("password") : undefined;
  if (!wrong) return null;
  return serverError("password", wrong.code, { ...owner, name: "", password, invite: "" }, t);
}
