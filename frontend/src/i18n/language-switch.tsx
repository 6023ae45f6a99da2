import { classNames } from "@/lib/class-names";
import { useTranslation } from "react-i18next";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { chooseLanguage, type Language } from ".";

/** Each language by its own name. */
export const languageNames: Record<Language, string> = { en: "English", fr: "Français" };

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <ToggleButtonGroup
      aria-label={t("common.language")}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[i18n.language]}
      onSelectionChange={([key]) => void chooseLanguage(key as Language)}
      className="flex gap-1"
    >
      {Object.entries(languageNames).map(([language, name]) => (
        <ToggleButton
          key={language}
          id={language}
          className={({ isSelected }) =>
            classNames(
              "min-h-9 cursor-default rounded-field px-3 text-sm text-text transition pointer-coarse:min-h-11",
              isSelected ? "font-medium" : "underline decoration-1 underline-offset-4",
            )
          }
        >
          <span lang={language}>{name}</span>
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
