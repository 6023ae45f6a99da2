import { api, ApiError } from "@/core/api";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { changeEnrolment, endEnrolment, type Enrolment, postponeResend } from "./enrolment";
import { beginSession } from "./session";
import { useFailure } from "./use-failure";

export function useConfirmEmail(enrolment: Enrolment) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [code, setCode] = useState("");
  const [pending, setPending] = useState(false);
  const [resent, setResent] = useState(false);
  const failure = useFailure();

  async function confirm(whole: string): Promise<void> {
    if (pending) return;
    if (whole.length < 6) {
      failure.showShort();
      return;
    }
    setPending(true);
    failure.clear();
    try {
      const reply = await api.verifyEmail({ enrolment_token: enrolment.token, code: whole });
      // The second factor was there already, or this server asks for none.
      if (reply.user) beginSession(queries, reply.user);
      if (reply.user && !enrolment.mfa) {
        endEnrolment();
        await navigate({ to: "/chat" });
        return;
      }
      if (!enrolment.mfa) {
        // All is done, but the session could not be opened.
        endEnrolment();
        await navigate({ to: "/sign-in" });
        return;
      }
      changeEnrolment({
        step: "protect",
        ...(reply.enrolment_token && { token: reply.enrolment_token }),
      });
    } catch (fault) {
      setCode("");
      if (await startOver(fault)) return;
      failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  async function resend(): Promise<void> {
    failure.clear();
    try {
      await api.resend({ enrolment_token: enrolment.token });
      postponeResend();
      setResent(true);
    } catch (fault) {
      if (await startOver(fault)) return;
      failure.show(fault);
    }
  }

  /** The token is over: a sign-in with the password hands out a new one. */
  async function startOver(fault: unknown): Promise<boolean> {
    if (!(fault instanceof ApiError) || fault.code !== "enrolment-expired") return false;
    endEnrolment();
    await navigate({ to: "/sign-in", search: { because: "enrolment" } });
    return true;
  }

  function edit(next: string): void {
    if (!failure.locked) failure.clear();
    setCode(next);
  }

  return { code, setCode: edit, confirm, resend, resent, pending, failure };
}
