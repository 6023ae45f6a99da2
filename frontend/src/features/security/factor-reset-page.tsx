import { Letter } from "@/components/drawings/letter";
import { Button, buttonClasses } from "@/components/ui/button";
import { api, ApiError } from "@/core/api";
import { AuthCard } from "@/features/auth/auth-card";
import { AuthLayout } from "@/features/auth/auth-layout";
import { DrawnCard } from "@/features/auth/drawn-card";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/**
 * Where the mail leads that tells of a reset of second factors. Looking at it changes nothing: mail
 * scanners look too.
 */
export function FactorResetPage() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const token = location.hash.slice(1);
  const keep = useMutation({ mutationFn: () => api.cancelFactorReset({ token }) });

  if (keep.isSuccess) {
    return (
      <DrawnCard
        pageTitle={t("factorReset.pageTitle")}
        title={t("factorReset.keptTitle")}
        lead={t("factorReset.keptText")}
        drawing={<Letter />}
      >
        <Link to="/sign-in" className={buttonClasses("primary", "regular", true)}>
          {t("signIn.submit")}
        </Link>
      </DrawnCard>
    );
  }
  return (
    <AuthLayout>
      <AuthCard
        pageTitle={t("factorReset.pageTitle")}
        title={t("factorReset.title")}
        lead={t("factorReset.lead")}
      >
        <div className="flex flex-col gap-4">
          <p className="text-text-2">{t("factorReset.otherwise")}</p>
          <FormFailure text={keep.isError ? failure(keep.error) : null} />
          <Button
            look="primary"
            wide
            isPending={keep.isPending}
            isDisabled={!token}
            onPress={() => keep.mutate()}
          >
            {t("factorReset.keep")}
          </Button>
        </div>
      </AuthCard>
    </AuthLayout>
  );

  function failure(fault: Error): string {
    const code = fault instanceof ApiError ? fault.code : null;
    if (code === "not-found" || code === "invalid-body") return t("factorReset.unknown");
    return code === "expired-code" ? t("factorReset.late") : describe(fault);
  }
}
