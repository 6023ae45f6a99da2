/** A refusal that asks for a second factor. */
import { ApiError } from "@/core/api";
import type { Method } from "@/protocol.gen";

/** One of these methods is next. */
export interface FactorChallenge {
  id: string;
  methods: Method[];
}

export function challengeOf(
  fault: unknown,
  code: "mfa-required" | "step-up-required",
): FactorChallenge | null {
  if (!(fault instanceof ApiError) || fault.code !== code) return null;
  const id = fault.member<string>("challenge_id");
  if (!id) return null;
  return { id, methods: fault.member<Method[]>("methods") ?? ["totp"] };
}
