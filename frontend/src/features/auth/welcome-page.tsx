import { Logo } from "@/components/ui/logo";
import { buttonClasses } from "@/components/ui/button";
import { usePageTitle } from "@/lib/use-page-title";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { AuthLayout } from "./auth-layout";

/** The first page that somebody sees: what this is, and the two ways in. */
export function WelcomePage() {
  const { t } = useTranslation();
  usePageTitle(null);
  return (
    <AuthLayout hills>
      <div className="animate-enter flex w-full max-w-[560px] grow flex-col items-center justify-center py-8 text-center">
        <Logo size={104} />
        <span className="mt-2 text-[2.75rem]/[3.25rem] font-strong tracking-tight">snug</span>
        <h1 className="mt-6 text-hero font-strong">{t("welcome.title")}</h1>
        <p className="mt-2 text-lg text-text-2">{t("welcome.lead")}</p>
        <div className="mt-8 flex w-full max-w-[340px] flex-col gap-3">
          <Link to="/sign-up" className={buttonClasses("primary", "regular", true)}>
            {t("welcome.signUp")}
          </Link>
          <Link to="/sign-in" className={buttonClasses("plain", "regular", true)}>
            {t("welcome.signIn")}
          </Link>
        </div>
        <p className="glass mt-10 rounded-card px-6 py-4 text-sm text-text-2">
          {t("welcome.promise")}
        </p>
      </div>
    </AuthLayout>
  );
}
