import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { Choice } from "@/components/ui/choice";
import { configQuery } from "@/features/auth/config";
import { KitCard } from "@/features/auth/kit-card";
import { useUser } from "@/features/auth/session";
import { SignOutDialog } from "@/features/auth/sign-out-dialog";
import { displayName } from "@/features/people/names";
import { chooseLanguage, type Language, languages } from "@/i18n";
import { languageNames } from "@/i18n/language-switch";
import { usePageTitle } from "@/lib/use-page-title";
import { chooseTheme, type ThemeChoice, useTheme } from "@/theme/theme";
import { SignOutIcon } from "@phosphor-icons/react/SignOut";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

const themes = [
  ["system", "settings.themeSystem"],
  ["light", "settings.themeLight"],
  ["dark", "settings.themeDark"],
] as const;

export function SettingsPanel() {
  const { t, i18n } = useTranslation();
  usePageTitle(t("settings.pageTitle"));
  const user = useUser();
  const theme = useTheme();
  const { data: config } = useQuery(configQuery);
  const [leaving, setLeaving] = useState(false);

  return (
    <div className="thin-scroll flex min-h-0 grow flex-col gap-6 overflow-y-auto px-5 pt-1 pb-6">
      <h1 className="sr-only">{t("settings.title")}</h1>
      <section aria-label={t("settings.profile")} className="flex items-center gap-3">
        <Avatar name={displayName(user)} ground="sunken" />
        <div className="min-w-0">
          <p className="truncate font-strong">{displayName(user)}</p>
          <p className="truncate text-md text-text-2">@{user.username}</p>
          <p className="truncate text-md text-text-2">{user.email}</p>
        </div>
      </section>
      <KitCard />
      <Choice<Language>
        label={t("settings.language")}
        value={i18n.language as Language}
        options={languages.map((value) => ({ value, label: languageNames[value] }))}
        onChange={(language) => void chooseLanguage(language)}
      />
      <Choice<ThemeChoice>
        label={t("settings.theme")}
        value={theme}
        options={themes.map(([value, label]) => ({ value, label: t(label) }))}
        onChange={chooseTheme}
      />
      <div className="mt-auto flex flex-col gap-3">
        <Button wide onPress={() => setLeaving(true)}>
          <SignOutIcon size={20} />
          {t("signOut.action")}
        </Button>
        {config && (
          <p className="text-center text-sm text-text-2">
            {t("settings.version", { version: config.version })}
          </p>
        )}
      </div>
      <SignOutDialog isOpen={leaving} onClose={() => setLeaving(false)} />
    </div>
  );
}
