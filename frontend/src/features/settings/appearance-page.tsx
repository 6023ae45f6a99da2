import { Card } from "@/components/ui/card";
import { Choice } from "@/components/ui/choice";
import { chooseLanguage, type Language, languages } from "@/i18n";
import { languageNames } from "@/i18n/language-switch";
import { chooseTheme, type ThemeChoice, useTheme } from "@/theme/theme";
import { useTranslation } from "react-i18next";
import { SectionPage } from "./section-page";

const themes = [
  ["system", "settings.themeSystem"],
  ["light", "settings.themeLight"],
  ["dark", "settings.themeDark"],
] as const;

/** How this browser speaks and looks. */
export function AppearancePage() {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  return (
    <SectionPage title={t("settings.appearance")}>
      <Card>
        <div className="flex flex-col gap-6">
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
          <p className="text-sm text-text-2">{t("settings.hereOnly")}</p>
        </div>
      </Card>
    </SectionPage>
  );
}
