import type { OwnArchive } from "@/core/engine.gen";
import en from "@/i18n/en.json";
import fr from "@/i18n/fr.json";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import i18next from "i18next";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { I18nextProvider, initReactI18next } from "react-i18next";
import { expect, it, vi } from "vitest";

let archive: OwnArchive;
let outdated = false;
vi.stubGlobal("navigator", { languages: ["en-GB", "fr-FR"] });
vi.mock("@/core/own", () => ({ setArchive: vi.fn() }));
vi.mock("./drop-archive", () => ({ DropArchive: () => null }));
vi.mock("@/core/store", () => ({
  useCore: (select: (state: unknown) => unknown) =>
    select({ own: { archive, outdated }, phase: { type: "live" } }),
}));
const { ArchiveCard } = await import("./archive-card");

async function cardIn(lng: string, told: Partial<OwnArchive>): Promise<string> {
  archive = { on: true, full: false, waiting: 0, filling: false, ...told };
  const i18n = i18next.createInstance();
  await i18n.use(initReactI18next).init({
    lng,
    resources: { en: { translation: en }, fr: { translation: fr } },
    interpolation: { escapeValue: false },
  });
  const client = { client: new QueryClient() };
  const card = createElement(QueryClientProvider, client, createElement(ArchiveCard));
  return renderToStaticMarkup(createElement(I18nextProvider, { i18n }, card));
}

it("never says of a full archive that it has everything", async () => {
  const english = await cardIn("en", { full: true, waiting: 3 });
  expect(english).toContain("3 messages wait to be kept.");
  expect(english).toContain("The archive is full: newer messages wait on this device.");
  expect(english).not.toContain("No message waits");
  const french = await cardIn("fr", { full: true, waiting: 3 });
  expect(french).toContain("3 messages attendent");
  expect(french).toContain("L&#x27;archive est pleine");
});

it("tells what is still being added", async () => {
  const filling = await cardIn("en", { filling: true });
  expect(filling).toContain("Older messages are being added.");
  expect(filling).not.toContain("No message waits");
  expect(await cardIn("en", {})).toContain("No message waits to be kept.");
  expect(await cardIn("fr", { on: false })).toContain("L&#x27;archive est désactivée.");
});

it("says why messages wait on a device that another one is ahead of", async () => {
  expect(await cardIn("en", {})).not.toContain("newer Snug");
  outdated = true;
  expect(await cardIn("en", { waiting: 2 })).toContain("Another of your devices has a newer Snug");
  expect(await cardIn("fr", { waiting: 2 })).toContain("a un Snug plus récent");
  outdated = false;
});
