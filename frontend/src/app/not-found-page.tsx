import { Path } from "@/components/drawings/path";
import { buttonClasses } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { usePageTitle } from "@/lib/use-page-title";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** For an address that leads nowhere: the way home. */
export function NotFoundPage() {
  const { t } = useTranslation();
  usePageTitle(t("errors.notFoundTitle"));
  return (
    <main className="flex min-h-dvh">
      <EmptyState
        level={1}
        drawing={<Path />}
        title={t("errors.notFoundTitle")}
        action={
          <Link to="/" className={buttonClasses("primary")}>
            {t("errors.home")}
          </Link>
        }
      >
        {t("errors.notFoundText")}
      </EmptyState>
    </main>
  );
}
