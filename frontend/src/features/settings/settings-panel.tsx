import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { KitCard } from "@/features/auth/kit-card";
import { useUser } from "@/features/auth/session";
import { SignOutDialog } from "@/features/auth/sign-out-dialog";
import { NewDeviceCard } from "@/features/devices/new-device-card";
import { displayName } from "@/features/people/names";
import { SignOutIcon } from "@phosphor-icons/react/SignOut";
import { UsersThreeIcon } from "@phosphor-icons/react/UsersThree";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { meQuery } from "./queries";
import { SectionLink } from "./section-link";
import { sections } from "./sections";

/** The list of the settings' sections, oneself on top. */
export function SettingsPanel() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const user = useUser();
  const { data: me } = useQuery(meQuery);
  const [leaving, setLeaving] = useState(false);

  return (
    <div className="relative thin-scroll flex min-h-0 grow flex-col gap-4 overflow-y-auto px-3 pt-1 pb-4">
      <h1 className="sr-only">{t("settings.title")}</h1>
      <KitCard />
      <NewDeviceCard />
      <nav aria-label={t("settings.title")} className="flex flex-col gap-0.5">
        <SectionLink
          to="/settings/profile"
          // On a wide screen the profile stands beside the list from the start.
          selected={pathname === "/settings/profile" || pathname === "/settings"}
          picture={<Avatar name={displayName(user)} picture={me?.avatar ?? null} ground="sunken" />}
          title={displayName(user)}
          text={`@${user.username}`}
        />
        {sections.map(({ to, icon: Icon, title, text }) => (
          <SectionLink
            key={to}
            to={to}
            selected={pathname === to}
            picture={
              <span className="grid size-12 shrink-0 place-items-center text-text-2">
                <Icon size={22} aria-hidden="true" weight={pathname === to ? "fill" : "regular"} />
              </span>
            }
            title={t(title)}
            text={t(text)}
          />
        ))}
        {me && me.role !== "member" && (
          <SectionLink
            to="/admin"
            selected={pathname.startsWith("/admin")}
            picture={
              <span className="grid size-12 shrink-0 place-items-center text-text-2">
                <UsersThreeIcon size={22} aria-hidden="true" />
              </span>
            }
            title={t("admin.title")}
            text={t("admin.summary")}
          />
        )}
      </nav>
      <div className="mt-auto px-2 pt-2">
        <Button wide onPress={() => setLeaving(true)}>
          <SignOutIcon size={20} />
          {t("signOut.action")}
        </Button>
      </div>
      <SignOutDialog isOpen={leaving} onClose={() => setLeaving(false)} />
    </div>
  );
}
