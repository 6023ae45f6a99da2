import { Button } from "@/components/ui/button";
import { Ring } from "@/components/ui/ring";
import { Refused } from "@/core/refused";
import { useCore } from "@/core/store";
import { AuthLayout } from "@/features/auth/auth-layout";
import { FormFailure } from "@/features/auth/form-failure";
import { dropKit, kitQuery } from "@/features/auth/kit";
import { SaveKit } from "@/features/auth/save-kit";
import { useUser } from "@/features/auth/session";
import { useProblemText } from "@/i18n/problem-text";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useEffectEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { StepUpHost } from "./step-up-host";
import { useMakeRecoveryKey } from "./use-recovery-key";
import { StepUpCancelled } from "./use-step-up";

/** The last step of a sign-up, and where the card above the conversations leads. */
export function KitPage() {
  const user = useUser();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: kit } = useQuery(kitQuery);
  const key = useFirstKey(kit?.key === null);

  if (kit === null) return <Navigate to="/chat" replace />;
  return (
    <AuthLayout>
      {kit && (
        <SaveKit
          kit={kit}
          username={user.username}
          keyLine={key.line}
          waits={key.waits}
          onDone={() => {
            void dropKit(queries);
            void navigate({ to: "/chat", replace: true });
          }}
          onLater={() => void navigate({ to: "/chat", replace: true })}
        />
      )}
      <StepUpHost />
    </AuthLayout>
  );
}

/** An account without a recovery key gets one with its kit, as soon as its keys are registered. */
function useFirstKey(wanted: boolean): { line: ReactNode; waits: boolean } {
  const { t } = useTranslation();
  const describe = useProblemText();
  const own = useCore((state) => state.own);
  const live = useCore((state) => state.phase?.type === "live");
  const missing = !own?.recovery || own.recovery.due === "interrupted";
  const make = useMakeRecoveryKey();
  const begun = useRef(false);
  const begin = useEffectEvent(() => {
    begun.current = true;
    make.mutate({ asks: false });
  });
  const due = wanted && live && own !== null && missing;
  useEffect(() => {
    if (due && !begun.current) begin();
  }, [due]);

  const { error, isPending } = make;
  if (!wanted || (!missing && !isPending)) return { line: null, waits: false };
  if (isPending || !error) {
    const line = (
      <p role="status" className="flex items-center gap-2 text-sm text-text-2">
        <Ring size={16} />
        {t("recovery.making")}
      </p>
    );
    return { line, waits: true };
  }
  // Who confirmed longer ago is asked when they say so: this page comes by itself.
  const quiet =
    error instanceof StepUpCancelled ||
    (error instanceof Refused && error.failure.code === "step-up-required");
  const line = (
    <div className="flex flex-col items-start gap-2">
      <FormFailure text={quiet ? null : describe(error)} />
      <p className="text-md text-text-2">{t("recovery.notYet")}</p>
      <Button size="small" onPress={() => make.mutate({ asks: true })}>
        {t("recovery.make")}
      </Button>
    </div>
  );
  return { line, waits: false };
}
