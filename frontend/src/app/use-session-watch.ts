import { ApiError } from "@/core/api";
import { onCoreEvent } from "@/core/core";
import { coreState, useCore } from "@/core/store";
import { dropSession, isEnding } from "@/features/auth/session";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

/**
 * Leads to the door when the session is over, whoever notices first. A device that was shut out stays:
 * its person is told so, and decides about what is left here.
 */
export function useSessionWatch(): void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const signedOut = useCore((state) => state.phase?.type === "signed_out");

  useEffect(() => {
    let left = false;
    async function leave(): Promise<void> {
      if (left || isEnding() || coreState().phase?.type === "revoked") return;
      left = true;
      await dropSession(queries);
      await navigate({ to: "/sign-in", search: { because: "session" }, replace: true });
    }
    if (signedOut) void leave();
    const stopCore = onCoreEvent((event) => {
      if (event.type === "session_over") void leave();
    });
    const stopQueries = queries.getQueryCache().subscribe(({ query }) => {
      const fault: unknown = query.state.error;
      if (query.queryKey[0] !== "mine" || !(fault instanceof ApiError)) return;
      if (fault.problem.status === 401) void leave();
    });
    return () => {
      stopCore();
      stopQueries();
    };
  }, [signedOut, queries, navigate]);
}
