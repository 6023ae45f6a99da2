import { useTranslation } from "react-i18next";

/** How times and numbers are written: the language in the person's own region, "en-GB" in Leeds. */
export function useLocale(): string {
  const { language } = useTranslation().i18n;
  return navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
}
