import { requestsQuery } from "@/features/people/queries";
import { classNames } from "@/lib/class-names";
import { ChatCircleDotsIcon } from "@phosphor-icons/react/ChatCircleDots";
import { GearSixIcon } from "@phosphor-icons/react/GearSix";
import { UsersIcon } from "@phosphor-icons/react/Users";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

const tabs = [
  { to: "/chat", icon: ChatCircleDotsIcon, label: "nav.chats" },
  { to: "/people", icon: UsersIcon, label: "nav.people" },
  { to: "/settings", icon: GearSixIcon, label: "nav.settings" },
] as const;

/** The three places of the app, at the foot of the panel. */
export function Tabs() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const { data: requests } = useQuery(requestsQuery);
  const waiting = requests?.incoming.length ?? 0;

  return (
    <nav
      aria-label="Snug"
      className="grid shrink-0 grid-cols-3 border-t border-line px-2 pt-1.5 pb-[max(6px,env(safe-area-inset-bottom))]"
    >
      {tabs.map(({ to, icon: Icon, label }) => {
        const here =
          pathname.startsWith(to) || (to === "/settings" && pathname.startsWith("/admin"));
        return (
          <Link
            key={to}
            to={to}
            aria-current={here ? "page" : undefined}
            className={classNames(
              "flex min-h-12 flex-col items-center justify-center gap-0.5 rounded-field text-xs transition focus-visible:-outline-offset-2",
              here ? "font-medium text-moss-text" : "text-text-2 hover:text-text",
            )}
          >
            <span className="relative">
              <Icon size={22} weight={here ? "fill" : "regular"} aria-hidden="true" />
              {to === "/people" && waiting > 0 && (
                <span className="absolute -top-1.5 left-3.5 grid h-4.5 min-w-4.5 place-items-center rounded-full bg-moss px-1 text-[0.6875rem]/none font-medium text-on-moss">
                  <span aria-hidden="true">{waiting}</span>
                  <span className="sr-only">{t("nav.requests", { count: waiting })}</span>
                </span>
              )}
            </span>
            {t(label)}
          </Link>
        );
      })}
    </nav>
  );
}
