import { openAccount } from "@/core/account";
import { api, ApiError } from "@/core/api";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { endEnrolment, type Enrolment } from "./enrolment";
import { keepKit } from "./kit";
import { beginSession, sessionQuery } from "./session";
import { useFailure } from "./use-failure";

export function useProtect(enrolment: Enrolment) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [code, setCode] = useState("");
  const [pending, setPending] = useState(false);
  const failure = useFailure();
  /* Only a server that makes the second factor optional opens the session before it. */
  const session = queries.getQueryData(sessionQuery.queryKey);

  async function activate(whole: string): Promise<void> {
    if (pending || !enrolment.mfa) return;
    if (whole.length < 6) {
      failure.showShort();
      return;
    }
    setPending(true);
    failure.clear();
    try {
      const reply = await api.activate({
        factor_id: enrolment.mfa.factor_id,
        code: whole,
        ...(!session && { enrolment_token: enrolment.token }),
      });
      const user = reply.user ?? session;
      const owner = user?.user_id ?? enrolment.user_id;
      const codes = reply.recovery_codes ?? [];
      if (codes.length > 0 && owner) await keepKit(owner, { codes });
      if (!user) {
        // All is done, but the session could not be opened.
        endEnrolment();
        await navigate({ to: "/sign-in" });
        return;
      }
      beginSession(queries, user);
      endEnrolment();
      void openAccount(user.user_id, true);
      await navigate({ to: codes.length > 0 ? "/kit" : "/chat", replace: true });
    } catch (fault) {
      setCode("");
      if (fault instanceof ApiError && fault.code === "enrolment-expired") {
        endEnrolment();
        await navigate({ to: "/sign-in", search: { because: "enrolment" } });
        return;
      }
      failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  function edit(next: string): void {
    if (!failure.locked) failure.clear();
    setCode(next);
  }

  const skip = session
    ? () => {
        endEnrolment();
        void navigate({ to: "/chat", replace: true });
      }
    : null;

  return { code, setCode: edit, activate, skip, pending, failure };
}
