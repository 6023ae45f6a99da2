import type { OwnDevice } from "@/core/engine.gen";
import en from "@/i18n/en.json";
import fr from "@/i18n/fr.json";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import i18next from "i18next";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { I18nextProvider, initReactI18next } from "react-i18next";
import { expect, it, vi } from "vitest";

const device = (number: number): OwnDevice => ({
  device_id: `device-${number}`,
  name: number === 3 ? "Kitchen <tablet>" : "Firefox on Linux",
  created_at: "2026-01-01T00:00:00Z",
  last_seen: number === 3 ? new Date(Date.now() - 3 * 3_600_000).toISOString() : null,
  this: false,
});
let devices: OwnDevice[] | null;
vi.stubGlobal("navigator", { languages: ["en-GB", "fr-FR"] });
vi.mock("@/core/account", () => ({ replaceDevices: vi.fn() }));
vi.mock("@/core/core", () => ({ call: vi.fn(), onCoreEvent: vi.fn() }));
vi.mock("@/core/store", () => ({
  useCore: (select: (state: unknown) => unknown) => select({ own: devices && { devices } }),
}));
const { CrowdedPage } = await import("./crowded-page");

async function pageIn(lng: string): Promise<string> {
  const i18n = i18next.createInstance();
  await i18n.use(initReactI18next).init({
    lng,
    resources: { en: { translation: en }, fr: { translation: fr } },
    interpolation: { escapeValue: false },
  });
  const page = createElement(CrowdedPage, { onLeave: () => undefined });
  const client = createElement(QueryClientProvider, { client: new QueryClient() }, page);
  return renderToStaticMarkup(createElement(I18nextProvider, { i18n }, client));
}

it("shows who is there, by name and last use, and takes nobody's place by itself", async () => {
  devices = Array.from({ length: 20 }, (_, number) => device(number));
  const english = await pageIn("en");
  expect(english.match(/type="checkbox"/g)).toHaveLength(20);
  expect(english).toContain("Your account has 20 devices");
  expect(english).toContain("Kitchen &lt;tablet&gt;");
  expect(english).toContain("3 hours ago");
  // Nothing is chosen: there is nothing to go on with.
  expect(english).toContain("Choose what may go");
  expect(english).toMatch(
    /<button[^>]*type="submit"[^>]*disabled|<button[^>]*disabled[^>]*type="submit"/,
  );
  expect(english).not.toMatch(/checked=""/);
  const french = await pageIn("fr");
  expect(french).toContain("Votre compte a 20 appareils");
  expect(french).toContain("il y a 3 heures");
});

it("waits for the list", async () => {
  devices = null;
  const page = await pageIn("en");
  expect(page).not.toContain("checkbox");
  expect(page).toContain("Loading");
});
