/** The main screens in French, by night, on a phone. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Guard } from "./support/guard";
import { Person } from "./support/person";

for (const colorScheme of ["light", "dark"] as const) {
  test(`the door speaks French, ${colorScheme}`, async ({ browser }) => {
    const context = await browser.newContext({ locale: "fr-FR", colorScheme });
    const guard = new Guard(context);
    const page = await context.newPage();
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(
      "Un coin chaleureux pour se parler",
    );
    await expect(page.locator("html")).toHaveAttribute("lang", "fr");
    await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
    await expectAccessible(page, "welcome in French");
    await page.getByRole("link", { name: "Créer un compte" }).click();
    await expectAccessible(page, "sign up in French");
    await page.getByRole("link", { name: "Se connecter" }).click();
    await expectAccessible(page, "sign in in French");
    await page.getByRole("radio", { name: "English" }).click();
    await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
    guard.check();
    await context.close();
  });
}

test("the inside on a phone, by night, in French", async ({ browser }) => {
  const fay = await Person.arrive(browser, "Fay", { viewport: { width: 390, height: 844 } });
  const gil = await Person.arrive(browser, "Gil");
  await fay.signUp();
  await gil.signUp();
  await fay.befriend(gil);
  await gil.accept(fay);
  const { page } = fay;

  await fay.tab("Settings").click();
  await page.getByRole("link", { name: "Language and appearance" }).click();
  await page.getByText("Dark", { exact: true }).click();
  await page.getByText("Français", { exact: true }).click();
  await expectAccessible(page, "appearance by night");
  await page.getByRole("button", { name: "Retour aux réglages" }).click();
  await expectAccessible(page, "settings by night");
  await fay.tab("Personnes").click();
  await expectAccessible(page, "people by night");
  await fay.tab("Discussions").click();
  await expectAccessible(page, "list by night");
  await page.getByRole("link", { name: "Gil" }).click();
  await page.getByRole("textbox", { name: "Écrire à Gil" }).fill("Bonsoir 🌙");
  await page.getByRole("button", { name: "Envoyer" }).click();
  await expect(gil.messages(fay).getByText("Bonsoir 🌙")).toBeVisible();
  await expectAccessible(page, "conversation by night");
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  await page.getByRole("button", { name: "Retour aux conversations" }).click();
  await expect(page.getByRole("link", { name: "Gil" })).toBeVisible();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(fay.tab("Discussions")).toBeVisible();

  await fay.leave();
  await gil.leave();
});
