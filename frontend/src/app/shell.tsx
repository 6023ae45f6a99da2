import { WordMark } from "@/components/ui/logo";
import { Toaster } from "@/components/ui/toaster";
import { ConnectionIndicator } from "@/features/chat/connection-indicator";
import { useTotalUnread } from "@/features/chat/use-total-unread";
import { useMessageToasts } from "@/features/chat/use-message-toasts";
import { useGoneDeviceToast } from "@/features/devices/gone-devices";
import { useNewDeviceToast } from "@/features/devices/new-device-card";
import { SafetyHost } from "@/features/trust/safety-host";
import { classNames } from "@/lib/class-names";
import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { ConversationList } from "@/features/chat/conversation-list";
import { wantSearch } from "@/features/search/focus";
import { useHotKey } from "@/lib/use-hot-key";
import { PeoplePanel } from "@/features/people/people-panel";
import { SettingsPanel } from "@/features/settings/settings-panel";
import { Tabs } from "./tabs";

/** The list and the conversation side by side; one of them on a phone. */
export function Shell() {
  const { pathname } = useLocation();
  const { t } = useTranslation();
  const panel = pathname.startsWith("/people")
    ? "nav.people"
    : /^\/(settings|admin)/.test(pathname)
      ? "nav.settings"
      : "nav.chats";
  /* Something is open beside the list: on a phone it has the screen to itself. */
  const open = /^\/((chat|settings)\/.|admin)/.test(pathname);
  const navigate = useNavigate();
  useHotKey("k", () => {
    // Where the list stands it takes the key itself.
    if (panel === "nav.chats") return;
    wantSearch();
    void navigate({ to: "/chat" });
  });
  useTotalUnread();
  useMessageToasts();
  useNewDeviceToast();
  useGoneDeviceToast();

  return (
    <main className="flex h-dvh overflow-hidden">
      <section
        aria-label={t(panel)}
        className={classNames(
          "h-full w-full shrink-0 flex-col border-r border-line bg-sunken md:w-[312px] xl:w-[344px]",
          open ? "hidden md:flex" : "flex",
        )}
      >
        <header className="frosted flex h-16 shrink-0 items-center justify-between px-5 pt-[env(safe-area-inset-top)]">
          <WordMark size={32} />
          <ConnectionIndicator />
        </header>
        {panel === "nav.people" && <PeoplePanel />}
        {panel === "nav.settings" && <SettingsPanel />}
        {panel === "nav.chats" && <ConversationList />}
        <Tabs />
      </section>
      <div className={classNames("h-full min-w-0 grow", open ? "flex" : "hidden md:flex")}>
        <Suspense>
          <Outlet />
        </Suspense>
      </div>
      <SafetyHost />
      <Toaster />
    </main>
  );
}
