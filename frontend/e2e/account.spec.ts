/** Password, address, data, and the end of an account. */
import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { expectAccessible } from "./support/accessible";
import { mailedCode } from "./support/mail";
import { Person } from "./support/person";

test("an account is looked after, and left", async ({ browser }) => {
  test.setTimeout(240_000);
  const jana = await Person.arrive(browser, "Jana");
  const { page } = jana;
  await jana.signUp();

  await test.step("a password is changed by the current one", async () => {
    await jana.openSettings("Sign-in and security");
    await expectAccessible(page, "password and e-mail");
    const next = "seven herons over the weir";
    await page.getByLabel("Current password").fill("not this one at all");
    await page.getByLabel("New password").fill("password1");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByText(/every list of guesses|not your current password/)).toBeVisible();
    await page.getByLabel("New password").fill(next);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByText("This is not your current password.")).toBeVisible();
    await page.getByLabel("Current password").fill(jana.password);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByText("Your password is changed.")).toBeVisible();
    jana.password = next;
  });

  await test.step("another address counts once its code is given", async () => {
    const address = `new.${jana.email}`;
    await page.getByRole("button", { name: "Change your address" }).click();
    await expectAccessible(page, "change address");
    await page.getByLabel("New e-mail address").fill(address);
    await page.getByRole("button", { name: "Send the code there" }).click();
    const code = page.getByLabel("6-digit code");
    await jana.confirmIfAsked(code);
    await code.fill(await mailedCode(address));
    await expect(page.getByRole("alertdialog")).toHaveCount(0);
    await expect(page.getByText(address)).toBeVisible();
    jana.email = address;
  });

  await test.step("everything that the server holds can be taken along", async () => {
    await jana.openSettings("Your data");
    await expectAccessible(page, "your data");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const file = JSON.parse(readFileSync(await (await download).path(), "utf8"));
    expect(file.me).toMatchObject({ username: jana.username, email: jana.email });
  });

  await test.step("a forgotten password needs the mailbox and the second factor", async () => {
    await jana.signOut("Keep messages here");
    await page.goto("/sign-in");
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByLabel("E-mail or username").fill(jana.username);
    await expectAccessible(page, "forgot password");
    await page.getByRole("button", { name: "Send a code" }).click();
    await expect(page.getByText("a 6-digit code is on its way")).toBeVisible();
    await expectAccessible(page, "new password");

    const give = async (password: string, mails: number) => {
      await page.getByLabel("6-digit code").fill(await mailedCode(jana.email, mails));
      await page.getByLabel("New password").fill(password);
      await page.getByRole("button", { name: "Change password" }).click();
      await page.getByRole("button", { name: "Use a backup code" }).click();
      await page.getByLabel("Backup code").fill(jana.backupCodes.pop()!);
      await expectAccessible(page, "second factor of a reset");
      await page.getByRole("button", { name: "Change password" }).click();
    };
    await give("password1", 2);
    await expect(page.getByText("This password is on every list of guesses.")).toBeVisible();
    await page.getByLabel("E-mail or username").fill(jana.email);
    await page.getByRole("button", { name: "Send a code" }).click();
    jana.password = "a lantern for the long way home";
    await give(jana.password, 3);
    await expect(page.getByText("Your password is changed and you are")).toBeVisible();
    await jana.signIn();
  });

  await test.step("an account is deleted by its name, and gone", async () => {
    await jana.openSettings("Your data");
    await page.getByRole("button", { name: "Delete account" }).click();
    const dialog = page.getByRole("alertdialog", { name: "Delete your account?" });
    await expect(dialog.getByRole("button", { name: "Delete for good" })).toBeDisabled();
    await expectAccessible(page, "delete account");
    await dialog.getByRole("textbox").fill(jana.username);
    await dialog.getByRole("button", { name: "Delete for good" }).click();
    const goodbye = page.getByText("Your account is deleted.");
    await jana.confirmIfAsked(goodbye);
    await expect(goodbye).toBeVisible();
    await expectAccessible(page, "goodbye");
    const left = await page.evaluate(() => indexedDB.databases());
    expect(left.filter(({ name }) => name?.startsWith("snug-"))).toEqual([]);
    await page.getByLabel("E-mail or username").fill(jana.username);
    await page.getByLabel("Password", { exact: true }).fill(jana.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByText("Username or password is wrong.")).toBeVisible();
  });

  await jana.leave();
});
