import { configQuery } from "@/features/auth/config";
import { classNames } from "@/lib/class-names";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

const tabs = [
  { to: "/admin", label: "admin.people" },
  { to: "/admin/invitations", label: "admin.invitations" },
  { to: "/admin/log", label: "admin.log" },
] as const;

/** The pages of the administration, side by side. */
export function AdminTabs() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const { data: config } = useQuery(configQuery);
  // Where everybody may sign up, or nobody, an invitation lets nobody in.
  const shown = tabs.filter(
    ({ to }) => to !== "/admin/invitations" || config?.signup === "invite" || pathname === to,
  );
  return (
    <nav
      aria-label={t("admin.title")}
      className="flex gap-1 rounded-field bg-selected p-1 dark:bg-sunken"
    >
      {shown.map(({ to, label }) => {
        const here = pathname === to;
        return (
          <Link
            key={to}
            to={to}
            aria-current={here ? "page" : undefined}
            className={classNames(
              "grid min-h-10 grow place-items-center rounded-[10px] px-3 text-md transition pointer-coarse:min-h-11",
              here
                ? "bg-surface font-medium text-text shadow-[0_1px_2px_rgb(23_33_27/.14)] dark:bg-selected"
                : "text-text-2 hover:text-text",
            )}
          >
            {t(label)}
          </Link>
        );
      })}
    </nav>
  );
}
