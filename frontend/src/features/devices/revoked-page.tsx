import { Lamp } from "@/components/drawings/lamp";
import { Button } from "@/components/ui/button";
import { DrawnCard } from "@/features/auth/drawn-card";
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
    mutationFn: (erase: boolean) => signOut(queries, user, erase),
    onSuccess: (server) =>
      server === "untold"
        ? navigate({ to: "/sign-in", search: { because: "erased" }, replace: true })
        : navigate({ to: "/sign-in", replace: true }),
  });
  return (
    <DrawnCard
      pageTitle={t("unlock.revokedTitle")}
      title={t("unlock.revokedTitle")}
      lead={t("unlock.revokedLead")}
      drawing={<Lamp />}
    >
      <FormFailure text={leave.isError ? describe(leave.error) : null} />
      <p className="text-text-2">{t("unlock.revokedText")}</p>
      <div className="flex flex-col gap-2">
        <Button
          wide
          isDisabled={leave.isPending}
          isPending={leave.isPending && !leave.variables}
          onPress={() => leave.mutate(false)}
        >
          {t("unlock.revokedKeep")}
        </Button>
        <Button
          look="warning"
          wide
          isDisabled={leave.isPending}
          isPending={leave.isPending && leave.variables}
          onPress={() => leave.mutate(true)}
        >
          {t("unlock.revokedAgain")}
        </Button>
      </div>
    </DrawnCard>
  );
}
