/** The two languages: one is loaded, the other fetched when it is chosen. */
import { stored } from "@/lib/stored";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import * as z from "zod/mini";
import type en from "./en.json";
import { withHardSpaces } from "./hard-spaces";

export const languages = ["en", "fr"] as const;
export type Language = (typeof languages)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const choice = stored("snug.language", z.enum(languages), { plain: true });

const texts: Record<Language, () => Promise<object>> = {
  en: async () => (await import("./en.json")).default,
  fr: async () => withHardSpaces((await import("./fr.json")).default),
};

export async function startLanguage(): Promise<void> {
  const language = choice.read() ?? preferred(navigator.languages);
  await i18next.use(initReactI18next).init({
    lng: language,
    supportedLngs: languages,
    fallbackLng: false,
    interpolation: { escapeValue: false },
    resources: { [language]: { translation: await texts[language]() } },
  });
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  choice.write(language);
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", await texts[language]());
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** The first of the browser's languages that we speak; English otherwise. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const [base] = tag.toLowerCase().split("-");
    const match = languages.find((language) => language === base);
    if (match) return match;
  }
  return "en";
}
