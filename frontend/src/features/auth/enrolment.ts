/** A sign-up that is under way, kept so that a closed tab goes on where it stopped. */
import { stored } from "@/lib/stored";
import type { PendingFactor, User } from "@/protocol.gen";
import { useSyncExternalStore } from "react";
import * as z from "zod/mini";

const HOUR = 3_600_000;
const RESEND_PAUSE = 60_000;

const schema = z.object({
  /** Stands for the unfinished account, for an hour; every step renews it. */
  token: z.string(),
  token_until: z.number(),
  /** Known when the sign-up began in this browser: keys can be made ahead. */
  user_id: z.nullable(z.string()),
  /** The address, or what the server shows of it. */
  email: z.string(),
  step: z.enum(["email", "protect"]),
  /** Only until the first code: an active factor's secret is kept nowhere. */
  mfa: z.nullable(
    z.object({
      factor_id: z.string(),
      otpauth_uri: z.string(),
      secret: z.string(),
      qr_svg: z.string(),
    }),
  ),
  /** When the next code may be asked for. */
  resend_at: z.number(),
});

export type Enrolment = z.infer<typeof schema>;

const kept = stored<Enrolment>("snug.enrolment", schema);
const listeners = new Set<() => void>();
let current = fresh(kept.read());

export function useEnrolment(): Enrolment | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, readEnrolment);
}

export function readEnrolment(): Enrolment | null {
  return current;
}

export function beginEnrolment(
  start: Pick<Enrolment, "token" | "user_id" | "email" | "step"> & { mfa: PendingFactor | null },
): void {
  write({ ...start, token_until: Date.now() + HOUR, resend_at: Date.now() + RESEND_PAUSE });
}

export function changeEnrolment(change: Partial<Enrolment>): void {
  if (current) write({ ...current, ...change, token_until: Date.now() + HOUR });
}

/** A code was just sent: the next one has to wait. */
export function postponeResend(): void {
  changeEnrolment({ resend_at: Date.now() + RESEND_PAUSE });
}

export function endEnrolment(): void {
  current = null;
  kept.clear();
  for (const listener of listeners) listener();
}

/** What a login to an unfinished account says about it. */
export interface Unfinished {
  enrolment_token: string;
  email_hint?: string;
  mfa?: PendingFactor | null;
  user?: User;
}

function write(next: Enrolment): void {
  current = next;
  kept.write(next);
  for (const listener of listeners) listener();
}

function fresh(enrolment: Enrolment | null): Enrolment | null {
  if (!enrolment || enrolment.token_until > Date.now()) return enrolment;
  kept.clear();
  return null;
}
