import { openAccount } from "@/core/account";
import { api, ApiError } from "@/core/api";
import { answerPasskey, PasskeyError } from "@/core/passkeys";
import { withWork } from "@/core/puzzle/puzzle";
import type { SessionReply } from "@/protocol.gen";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { beginEnrolment, type Unfinished } from "./enrolment";
import { challengeOf, type FactorChallenge } from "./challenge";
import { beginSession } from "./session";
import { useFailure } from "./use-failure";

/** The password was right; one of these methods is next. */
export interface Challenge extends FactorChallenge {
  remember: boolean;
}

interface Credentials {
  identifier: string;
  password: string;
  remember: boolean;
}

export function useSignIn(onChallenge: (challenge: Challenge) => void) {
  const finish = useFinishSignIn();
  const navigate = useNavigate();
  const [pending, setPending] = useState<"password" | "passkey" | null>(null);
  const [working, setWorking] = useState(false);
  const failure = useFailure();

  async function signIn({ identifier, password, remember }: Credentials): Promise<void> {
    setPending("password");
    failure.clear();
    const name = identifier.trim();
    try {
      const who = name.includes("@") ? { email: name } : { username: name.toLowerCase() };
      const reply = await withWork(
        (work) => api.login({ ...who, password, remember, ...(work && { work }) }),
        () => setWorking(true),
      );
      await finish(reply);
    } catch (fault) {
      const challenge = challengeOf(fault, "mfa-required");
      const unfinished = unfinishedOf(fault);
      if (challenge) onChallenge({ ...challenge, remember });
      else if (unfinished) {
        beginEnrolment({ ...unfinished, email: unfinished.email ?? name, user_id: null });
        await navigate({ to: "/sign-up" });
      } else failure.show(fault);
    } finally {
      setPending(null);
      setWorking(false);
    }
  }

  /** Without a name: the passkey says whose it is. */
  async function signInByPasskey(remember: boolean): Promise<void> {
    setPending("passkey");
    failure.clear();
    try {
      const { login_id, request_options } = await api.startPasskeyLogin();
      const credential = await answerPasskey(request_options);
      await finish(await api.finishPasskeyLogin({ login_id, credential, remember }));
    } catch (fault) {
      const unknown = fault instanceof ApiError && fault.code === "invalid-credentials";
      failure.show(unknown ? new PasskeyError("unknown", fault) : fault);
    } finally {
      setPending(null);
    }
  }

  return { signIn, signInByPasskey, pending, working, failure };
}

export function useFinishSignIn(): (reply: SessionReply) => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async ({ user }) => {
    if (!user) return;
    beginSession(queries, user);
    void openAccount(user.user_id, true);
    await navigate({ to: "/chat", replace: true });
  };
}

/** An unfinished account goes on where it stopped. */
function unfinishedOf(fault: unknown) {
  if (!(fault instanceof ApiError)) return null;
  if (fault.code !== "email-unverified" && fault.code !== "enrolment-required") return null;
  const { enrolment_token, email_hint, mfa } = fault.problem as unknown as Unfinished;
  if (!enrolment_token) return null;
  return {
    token: enrolment_token,
    email: email_hint,
    mfa: mfa ?? null,
    step: fault.code === "email-unverified" ? ("email" as const) : ("protect" as const),
  };
}
