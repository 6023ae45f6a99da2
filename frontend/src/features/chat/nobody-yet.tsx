import { Nest } from "@/components/drawings/nest";
import { buttonClasses } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** No contact yet: the way to the first. */
export function NobodyYet() {
  const { t } = useTranslation();
  return (
    <EmptyState
      drawing={<Nest />}
      title={t("chat.emptyTitle")}
      action={
        <Link to="/people" className={buttonClasses("primary")}>
          {t("chat.findPeople")}
        </Link>
      }
    >
      {t("chat.emptyText")}
    </EmptyState>
  );
}
