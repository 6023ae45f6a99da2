import { classNames } from "@/lib/class-names";
import type { Account } from "@/protocol.gen";
import { useTranslation } from "react-i18next";

/** What sets an account apart: its role, and that it is switched off. */
export function AccountMarks({ account }: { account: Account }) {
  const { t } = useTranslation();
  return (
    <>
      {account.role !== "member" && (
        <Mark tone="bg-moss-soft text-moss-text">{t(`admin.roles.${account.role}`)}</Mark>
      )}
      {account.deactivated_at && (
        <Mark tone="bg-danger-soft text-danger">{t("admin.deactivated")}</Mark>
      )}
    </>
  );
}

function Mark({ tone, children }: { tone: string; children: string }) {
  return (
    <span className={classNames("rounded-full px-2 text-sm font-medium whitespace-nowrap", tone)}>
      {children}
    </span>
  );
}
