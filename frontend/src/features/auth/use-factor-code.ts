import { api, ApiError } from "@/core/api";
import { useState } from "react";
import type { FactorChallenge } from "./challenge";
import type { KnownMethod } from "./other-methods";
import { useFailure } from "./use-failure";

export interface FactorAnswer {
  challenge_id: string;
  method: KnownMethod;
  code: string;
}

/** Choosing a method, typing its code, and what comes of it; `answer` throws the refusal. */
export function useFactorCode(
  challenge: FactorChallenge,
  answer: (given: FactorAnswer) => Promise<void>,
) {
  const failure = useFailure();
  const [challengeId, setChallengeId] = useState(challenge.id);
  const [method, setMethod] = useState<KnownMethod>(() => firstMethod(challenge));
  const [code, setCode] = useState("");
  const [sent, setSent] = useState(false);
  const [pending, setPending] = useState(false);

  async function choose(next: KnownMethod): Promise<void> {
    failure.clear();
    setCode("");
    setSent(false);
    try {
      if (next === "email" || next === "telegram") {
        await api.sendCode({ challenge_id: challengeId, method: next });
        setSent(next === method);
      }
      setMethod(next);
    } catch (fault) {
      failure.show(fault);
    }
  }

  async function verify(whole: string): Promise<void> {
    if (pending) return;
    if (whole.trim().length < 6) {
      failure.showShort();
      return;
    }
    setPending(true);
    setSent(false);
    failure.clear();
    try {
      await answer({ challenge_id: challengeId, method, code: whole.trim() });
    } catch (fault) {
      setCode("");
      if (fault instanceof ApiError) setChallengeId(fault.member("challenge_id") ?? challengeId);
      failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  function edit(next: string): void {
    if (!failure.locked) failure.clear();
    setCode(next);
  }

  return { method, choose, code, setCode: edit, verify, sent, pending, failure };
}

export function firstMethod({ methods }: Pick<FactorChallenge, "methods">): KnownMethod {
  if (methods.includes("totp")) return "totp";
  return methods.find((method): method is KnownMethod => method !== "passkey") ?? "recovery";
}
