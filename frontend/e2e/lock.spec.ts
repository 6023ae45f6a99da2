/** A passphrase over what one browser holds: nothing opens before it is given. */
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";
import { openable } from "./support/storage";

const PASSPHRASE = "four herons over the reeds";
const OTHER = "a kettle sings at daybreak";

test("messages open with a passphrase alone", async ({ browser }) => {
  test.setTimeout(300_000);
  const ana = await Person.arrive(browser, "Ana");
  const bo = await Person.arrive(browser, "Bo");
  await ana.signUp();
  await bo.signUp();
  await ana.befriend(bo);
  await bo.accept(ana);
  await ana.open(bo);
  await ana.write(bo, "Meet me where the otters are");
  await expect(bo.messages(ana).getByText("otters")).toBeVisible();
  const { page } = ana;
  const card = page.getByRole("region", { name: "Lock Snug with a passphrase" });
  const dialog = page.getByRole("alertdialog");
  const locked = page.getByRole("heading", { name: "Snug is locked" });
  const field = page.getByLabel("Passphrase", { exact: true });
  const unlock = page.getByRole("button", { name: "Unlock", exact: true });
  const give = async (passphrase: string) => {
    await field.fill(passphrase);
    await unlock.click();
  };

  await test.step("a passphrase is set; one that is guessed at once is not taken", async () => {
    expect(await openable(page)).toBeGreaterThan(0);
    await ana.openSettings("Sign-in and security");
    await card.getByRole("button", { name: "Set a passphrase" }).click();
    await dialog.getByLabel("New passphrase").fill("password1");
    await dialog.getByRole("button", { name: "Set a passphrase" }).click();
    await expect(dialog.getByText("easy to guess. Try several words")).toBeVisible();
    await dialog.getByLabel("New passphrase").fill(PASSPHRASE);
    await dialog.getByLabel("Repeat it").fill(PASSPHRASE);
    await expectAccessible(page, "setting a passphrase");
    await dialog.getByRole("button", { name: "Set a passphrase" }).click();
    await expect(card.getByText("Snug is locked with a passphrase")).toBeVisible();
    await expect(dialog).toHaveCount(0);
    await expectAccessible(page, "the passphrase in the settings");
    await expect.poll(() => openable(page)).toBe(0);
  });

  await test.step("after a reload nothing is there before it; a wrong one says so", async () => {
    await page.goto("/chat");
    await expect(locked).toBeVisible();
    await expect(ana.list).toHaveCount(0);
    await expectAccessible(page, "the lock");
    await give("four herons over the lake");
    await expect(page.getByText("This is not the passphrase.")).toBeVisible();
    await bo.write(ana, "I brought a lantern");
    expect(await openable(page)).toBe(0);
  });

  await test.step("the right one opens all, and what came meanwhile arrives", async () => {
    await give(PASSPHRASE);
    await ana.expectConnected();
    await ana.open(bo);
    await expect(ana.messages(bo).getByText("otters")).toBeVisible();
    await expect(ana.messages(bo).getByText("lantern")).toBeVisible();
    await ana.write(bo, "Bring tea as well");
    await expect(bo.messages(ana).getByText("Bring tea as well")).toBeVisible();
  });

  await test.step("a draft outlives Lock now; guessing takes longer each time", async () => {
    await ana.composer(bo).fill("Half a thou");
    await ana.openSettings("Sign-in and security");
    await card.getByRole("button", { name: "Lock now" }).click();
    await expect(locked).toBeVisible();
    for (const wrong of ["one", "two", "three"]) {
      await give(wrong);
      await expect(page.getByText("This is not the passphrase.")).toBeVisible();
    }
    await expect(unlock).toBeDisabled();
    await expect(page.getByText(/You can try again in 0:0\d/)).toBeVisible();
    await page.reload();
    await expect(unlock).toBeDisabled();
    await expect(unlock).toBeEnabled();
    await give(PASSPHRASE);
    await ana.open(bo);
    await expect(ana.composer(bo)).toHaveValue("Half a thou");
  });

  await test.step("another tab asks as well, and takes over when it is opened", async () => {
    const second = await ana.context.newPage();
    await second.goto("/chat");
    await expect(second.getByRole("heading", { name: "Snug is locked" })).toBeVisible();
    await second.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await second.getByRole("button", { name: "Unlock", exact: true }).click();
    await expect(second.getByText("Connected")).toBeVisible();
    await expect(locked).toBeVisible();
    await expectNoWords(page);
    await second.close();
  });

  await test.step("it can be changed; the one before opens nothing", async () => {
    await give(PASSPHRASE);
    await ana.expectConnected();
    await ana.openSettings("Sign-in and security");
    await card.getByRole("button", { name: "Change passphrase" }).click();
    await dialog.getByLabel("Current passphrase").fill(PASSPHRASE);
    await dialog.getByLabel("New passphrase").fill(OTHER);
    await dialog.getByLabel("Repeat it").fill(OTHER);
    await dialog.getByRole("button", { name: "Change passphrase" }).click();
    await expect(card.getByText("Your passphrase is changed.")).toBeVisible();
    await page.reload();
    await give(PASSPHRASE);
    await expect(page.getByText("This is not the passphrase.")).toBeVisible();
    await give(OTHER);
    await ana.expectConnected();
  });

  await test.step("without it Snug opens as before", async () => {
    await ana.openSettings("Sign-in and security");
    await card.getByRole("button", { name: "Remove" }).click();
    await dialog.getByLabel("Current passphrase").fill(OTHER);
    await dialog.getByRole("button", { name: "Remove the passphrase" }).click();
    await expect(card.getByRole("button", { name: "Set a passphrase" })).toBeEnabled();
    await expect.poll(() => openable(page)).toBeGreaterThan(0);
    await page.goto("/chat");
    await ana.expectConnected();
    await ana.open(bo);
    await expect(ana.messages(bo).getByText("otters")).toBeVisible();
  });

  await test.step("who forgot it starts again with the recovery key", async () => {
    await ana.openSettings("Sign-in and security");
    await card.getByRole("button", { name: "Set a passphrase" }).click();
    await dialog.getByLabel("New passphrase").fill(PASSPHRASE);
    await dialog.getByLabel("Repeat it").fill(PASSPHRASE);
    await dialog.getByRole("button", { name: "Set a passphrase" }).click();
    await expect(card.getByText("Snug is locked with a passphrase")).toBeVisible();
    await page.goto("/chat");
    await page.getByRole("button", { name: "Forgot your passphrase?" }).click();
    await dialog.getByRole("button", { name: "Erase here and start again" }).click();
    await expect(page.getByRole("heading", { name: "Unlock your messages" })).toBeVisible();
    await page.getByRole("button", { name: /Use my recovery key/ }).click();
    await page.getByLabel("Recovery key").fill(ana.recoveryKey);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await ana.expectConnected();
    await ana.open(bo);
    await expect(ana.messages(bo).getByText("otters")).toBeVisible();
  });

  await ana.leave();
  await bo.leave();
});

async function expectNoWords(page: Page): Promise<void> {
  await expect(page.getByText(/otters|lantern|Half a thou/)).toHaveCount(0);
}
