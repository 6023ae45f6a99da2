import en from "@/i18n/en.json";
import fr from "@/i18n/fr.json";
import i18next from "i18next";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { I18nextProvider, initReactI18next } from "react-i18next";
import { expect, it } from "vitest";
import { OlderLine } from "./older-line";

async function lineIn(lng: string): Promise<string> {
  const i18n = i18next.createInstance();
  await i18n.use(initReactI18next).init({
    lng,
    resources: { en: { translation: en }, fr: { translation: fr } },
    interpolation: { escapeValue: false },
  });
  const line = createElement(OlderLine, { above: "newer", onRetry: () => undefined });
  return renderToStaticMarkup(createElement(I18nextProvider, { i18n }, line));
}

it("tells messages of a newer version from damaged ones, and offers nothing in vain", async () => {
  const english = await lineIn("en");
  expect(english).toContain("made by a newer version of Snug");
  expect(english).not.toMatch(/damaged|<button/);
  expect(await lineIn("fr")).toContain("version plus récente de Snug");
});
