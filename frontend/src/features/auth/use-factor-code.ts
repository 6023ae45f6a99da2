import { api, ApiError } from "@/core/api";
import { answerPasskey } from "@/core/passkeys";
import type { Method } from "@/protocol.gen";
import { useState } from "react";
import type { FactorChallenge } from "./challenge";
import { usableMethods } from "./other-methods";
import { useFailure } from "./use-failure";

export interface FactorAnswer {
  challenge_id: string;
  method: Method;
  /** Of every method but a passkey. */
  code?: string;
  /** What the browser returned for a passkey. */
  credential?: unknown;
}

/**
 * Choosing a method, typing its code or using a passkey, and what comes of it; `answer` throws the
 * refusal.
 */
export function useFactorCode(
  challenge: FactorChallenge,
  answer: (given: FactorAnswer) => Promise<void>,
) {
  const failure = useFailure();
  const [challengeId, setChallengeId] = useState(challenge.id);
  const [method, setMethod] = useState<Method>(() => firstMethod(challenge));
  const [code, setCode] = useState("");
  const [sent, setSent] = useState(false);
  const [pending, setPending] = useState(false);

  async function choose(next: Method): Promise<void> {
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
    if (method !== "passkey" && whole.trim().length < 6) {
      failure.showShort();
      return;
    }
    setPending(true);
    setSent(false);
    failure.clear();
    try {
      await answer({ challenge_id: challengeId, method, ...(await given(whole)) });
    } catch (fault) {
      setCode("");
      if (fault instanceof ApiError) setChallengeId(fault.member("challenge_id") ?? challengeId);
      failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  async function given(whole: string): Promise<Pick<FactorAnswer, "code" | "credential">> {
    if (method !== "passkey") return { code: whole.trim() };
    const question = await api.askPasskey(challengeId);
    return { credential: await answerPasskey(question.request_options) };
  }

  function edit(next: string): void {
    if (!failure.locked) failure.clear();
    setCode(next);
  }

  return { method, choose, code, setCode: edit, verify, sent, pending, failure };
}

export function firstMethod({ methods }: Pick<FactorChallenge, "methods">): Method {
  return usableMethods(methods)[0] ?? "recovery";
}
