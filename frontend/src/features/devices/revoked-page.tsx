import { Lamp } from "@/components/drawings/lamp";
import { Button } from "@/components/ui/button";
import { AuthCard } from "@/features/auth/auth-card";
import { AuthLayout } from "@/features/auth/auth-layout";
import { FormFailure } from "@/features/auth/form-failure";
import { signOut, useUser } from "@/features/auth/session";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** This device was shut out: its keys are worth nothing any more, and it comes back as a new one. */
export function RevokedPage() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const user = useUser();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: () => signOut(queries, user, true),
    onSuccess: () => navigate({ to: "/sign-in", replace: true }),
  });
  return (
    <AuthLayout>
      <AuthCard
        pageTitle={t("unlock.revokedTitle")}
        title={t("unlock.revokedTitle")}
        lead={t("unlock.revokedLead")}
      >
        <div className="flex flex-col gap-5">
          <div className="flex justify-center">
            <Lamp />
          </div>
          <FormFailure text={leave.isError ? describe(leave.error) : null} />
          <Button look="primary" wide isPending={leave.isPending} onPress={() => leave.mutate()}>
            {t("unlock.revokedAgain")}
          </Button>
        </div>
      </AuthCard>
    </AuthLayout>
  );
}
