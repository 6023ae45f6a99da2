/** What goes wrong at the door, and how it is said. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { mailedCode } from "./support/mail";
import { Person } from "./support/person";

test("wrong input is told apart and mended", async ({ browser }) => {
  test.setTimeout(240_000);
  const eve = await Person.arrive(browser, "Eve");
  const { page } = eve;

  await test.step("errors stand at their field and go when it is edited", async () => {
    await page.goto("/sign-up");
    await page.getByLabel("E-mail").fill("eve@nowhere");
    await page.getByLabel("Username").fill("e!");
    await expect(page.getByText("This doesn't look like an e-mail address.")).toBeVisible();
    await page.getByLabel("Password", { exact: true }).fill("password1");
    await expect(page.getByText("Only letters a-z, digits and . _ -")).toBeVisible();
    await expectAccessible(page, "sign-up with errors");
    await page.getByLabel("E-mail").fill(eve.email);
    await expect(page.getByText("This doesn't look like an e-mail address.")).toHaveCount(0);
    await page.getByLabel("Username").fill(eve.username);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByText("This password is on every list of guesses.")).toBeVisible();
  });

  await test.step("a mistyped address can be corrected", async () => {
    await eve.fillSignUp();
    await page.getByRole("button", { name: "Not your address?" }).click();
    await page.getByLabel("E-mail").fill(`new.${eve.email}`);
    await page.getByRole("button", { name: "Send the code there" }).click();
    await expect(page.getByText(`new.${eve.email}`)).toBeVisible();
  });

  await test.step("a wrong code is not the end", async () => {
    const right = await mailedCode(`new.${eve.email}`);
    const wrong = right === "000000" ? "000001" : "000000";
    await page.getByLabel("6-digit code").fill(wrong);
    await expect(page.getByText("That code is wrong.")).toBeVisible();
    await page.getByLabel("6-digit code").fill(right);
    await expect(page.getByRole("heading", { name: "Protect your sign-in" })).toBeVisible();
    await page.getByLabel("6-digit code from the app").fill("000000");
    await expect(page.getByText("That code is wrong.")).toBeVisible();
    await eve.protect();
    await page.getByRole("button", { name: "Later" }).click();
  });

  await test.step("the unsaved codes wait in a card, through a reload", async () => {
    await expect(page.getByText("Your recovery kit isn't saved yet")).toBeVisible();
    await page.reload();
    await page.getByRole("link", { name: "Save it now" }).click();
    await eve.saveKit();
    await expect(page.getByText("Your recovery kit isn't saved yet")).toHaveCount(0);
  });

  await test.step("a taken username is said at its field", async () => {
    const other = await browser.newContext();
    const second = await other.newPage();
    await second.goto("/sign-up");
    await second.getByLabel("E-mail").fill(`other.${eve.email}`);
    await second.getByLabel("Username").fill(eve.username);
    await second.getByLabel("Password", { exact: true }).fill(eve.password);
    await second.getByRole("button", { name: "Continue" }).click();
    await expect(second.getByText("Somebody has this username.")).toBeVisible();
    await other.close();
  });

  await test.step("a wrong password and an unfinished account are told apart", async () => {
    await eve.signOut("Keep messages here");
    await page.goto("/sign-in");
    await page.getByLabel("E-mail or username").fill(eve.username);
    await page.getByLabel("Password", { exact: true }).fill("not this one at all");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByText("Username or password is wrong.")).toBeVisible();

    const half = await Person.arrive(browser, "Half");
    await half.fillSignUp();
    await half.page.evaluate(() => localStorage.clear());
    await half.page.goto("/sign-in");
    await half.page.getByLabel("E-mail or username").fill(half.username);
    await half.page.getByLabel("Password", { exact: true }).fill(half.password);
    await half.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(half.page.getByRole("heading", { name: "Check your e-mail" })).toBeVisible();
    await half.leave();
  });

  await test.step("a page that is not there says so", async () => {
    await page.goto("/nowhere");
    await expect(page.getByText("The path ends here")).toBeVisible();
    await expectAccessible(page, "not found");
  });

  await eve.leave();
});
