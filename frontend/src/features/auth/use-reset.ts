import { api } from "@/core/api";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { challengeOf, type FactorChallenge } from "./challenge";
import { ownerOf, refusedPassword } from "./new-password";
import type { FactorAnswer } from "./use-factor-code";
import { useFailure } from "./use-failure";

/** A code is on its way, if there is such an account. */
export interface Reset {
  id: string;
  /** What was typed: username or address. */
  name: string;
}

/** The two calls of a reset: the code of the mail, then the second factor. */
export function useReset(reset: Reset, onStartOver: (why: string | null) => void) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const failure = useFailure();
  const [password, keepPassword] = useState("");
  const [challenge, setChallenge] = useState<FactorChallenge | null>(null);
  const [pending, setPending] = useState(false);

  async function setPassword(code: string, next: string): Promise<void> {
    setPending(true);
    failure.clear();
    try {
      await api.resetPassword({ reset_id: reset.id, password: next, code });
      await done();
    } catch (fault) {
      const asked = challengeOf(fault, "mfa-required");
      if (!asked) {
        failure.show(fault);
        throw fault;
      }
      keepPassword(next);
      setChallenge(asked);
    } finally {
      setPending(false);
    }
  }

  async function answer({ code, ...given }: FactorAnswer): Promise<void> {
    try {
      await api.resetPassword({
        reset_id: reset.id,
        password,
        ...given,
        ...(code !== undefined && { factor_code: code }),
      });
    } catch (fault) {
      // Both codes are used up by now: another password needs another mail.
      const refused = refusedPassword(fault, password, ownerOf(reset.name), t);
      if (refused) return onStartOver(refused);
      throw fault;
    }
    await done();
  }

  function done(): Promise<void> {
    return navigate({ to: "/sign-in", search: { because: "reset" }, replace: true });
  }

  return { challenge, setPassword, answer, pending, failure };
}
