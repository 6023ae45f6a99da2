import { api, ApiError } from "@/core/api";
import { changeUser } from "@/features/auth/session";
import { looksLikeEmail } from "@/features/auth/sign-up-rules";
import { useFailure } from "@/features/auth/use-failure";
import { useStepUp } from "@/features/devices/use-step-up";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isCancelled } from "./is-cancelled";
import { meQuery } from "./queries";

/** The new address, then the code that was mailed to it. */
export function useChangeEmail(onDone: () => void) {
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [wrong, setWrong] = useState(false);
  const [hint, setHint] = useState<string | null>(null);
  const [code, setCode] = useState("");
  const [pending, setPending] = useState(false);
  const failure = useFailure();
  const { confirmed, dialog } = useStepUp();

  async function ask(): Promise<void> {
    const address = email.trim();
    setWrong(!looksLikeEmail(address));
    if (pending || !looksLikeEmail(address)) return;
    setPending(true);
    failure.clear();
    try {
      const reply = await confirmed(() => api.askEmail({ email: address }));
      setHint(reply.email_hint);
    } catch (fault) {
      if (fault instanceof ApiError && fault.field("email")) setWrong(true);
      else if (!isCancelled(fault)) failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  async function confirm(whole: string): Promise<void> {
    if (pending) return;
    if (whole.length < 6) return failure.showShort();
    setPending(true);
    failure.clear();
    try {
      const me = await api.confirmEmail({ code: whole });
      queries.setQueryData(meQuery.queryKey, me);
      changeUser(queries, me);
      onDone();
    } catch (fault) {
      setCode("");
      failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  function edit(set: (text: string) => void) {
    return (text: string) => {
      if (!failure.locked) failure.clear();
      setWrong(false);
      set(text);
    };
  }

  return {
    email,
    setEmail: edit(setEmail),
    wrong,
    hint,
    code,
    setCode: edit(setCode),
    ask,
    confirm,
    pending,
    failure,
    dialog,
  };
}
