/** Looking after accounts, a break from one's own, and a reset of second factors that is called off. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { mailWith } from "./support/mail";
import { operator } from "./support/operator";
import { Person } from "./support/person";

test("an admin looks after accounts", async ({ browser }) => {
  test.setTimeout(300_000);
  const ada = await Person.arrive(browser, "Ada");
  const kim = await Person.arrive(browser, "Kim");
  const { page } = ada;
  await ada.signUp();
  await kim.signUp();

  await test.step("members see nothing of the administration", async () => {
    await ada.tab("Settings").click();
    await expect(page.getByRole("link", { name: "Sign-in and security" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Administration" })).toHaveCount(0);
    await page.goto("/admin");
    await expect(page.getByText("You may not do this.").first()).toBeVisible();
    await expectAccessible(page, "administration, refused");
  });

  await test.step("an admin finds people", async () => {
    operator("chat", "admin", "users", "role", ada.username, "admin");
    await page.reload();
    await ada.openSettings("Administration");
    await expect(page.getByText("Connected now")).toBeVisible();
    await page.getByRole("searchbox").fill(kim.username);
    await expectAccessible(page, "accounts");
    await page.getByRole("link", { name: `@${kim.username}` }).click();
    await expect(page.getByText(kim.email)).toBeVisible();
    await expect(page.getByText("Signed in").first()).toBeVisible();
    await expectAccessible(page, "an account");
  });

  const act = async (button: string) => {
    await page.getByRole("button", { name: button }).click();
    await expectAccessible(page, button);
    const dialog = page.getByRole("alertdialog");
    await dialog.getByRole("button", { name: button }).click();
    const question = page.getByRole("alertdialog", { name: "Is it you?" });
    await ada.confirmIfAsked(question.or(page.getByRole("heading", { name: "Log" })));
    await expect(dialog).toHaveCount(0);
  };

  await test.step("gives a role", async () => {
    await page.getByRole("radio", { name: "Moderator" }).click({ force: true });
    await expectAccessible(page, "change role");
    await page.getByRole("alertdialog").getByRole("button", { name: "Change role" }).click();
    await expect(page.getByRole("alertdialog")).toHaveCount(0);
    await expect(page.getByRole("radio", { name: "Moderator" })).toBeChecked();
  });

  await test.step("signs somebody out everywhere", async () => {
    await act("Sign out everywhere");
    await expect(kim.page.getByText("Your session has ended.")).toBeVisible();
  });

  await test.step("deactivates and reactivates", async () => {
    await act("Deactivate");
    await expect(page.getByText("deactivated", { exact: true }).first()).toBeVisible();
    await kim.givePassword();
    await kim.page.getByLabel("6-digit code").fill(await kim.app!.code());
    await expect(kim.page.getByText("This account is deactivated.")).toBeVisible();
    await act("Reactivate");
    await expect(page.getByRole("button", { name: "Deactivate" })).toBeVisible();
    await kim.signIn();
  });

  await test.step("reads the log", async () => {
    await page.getByRole("button", { name: "Back to all people" }).click();
    await page.getByRole("link", { name: "Log", exact: true }).click();
    const entry = page.getByRole("listitem").filter({ hasText: "Account reactivated" }).first();
    await expect(entry.getByText(`@${ada.username} → @${kim.username}`)).toBeVisible();
    await expectAccessible(page, "log");
  });

  await test.step("resets second factors, and calls it off", async () => {
    await page.getByRole("link", { name: "People", exact: true }).last().click();
    await page.getByRole("searchbox").fill(kim.username);
    await page.getByRole("link", { name: `@${kim.username}` }).click();
    await act("Reset second factors");
    await mailWith(kim.email, /about to be removed/);
    await expect(page.getByText(`The second factors of Kim go on`)).toBeVisible();
    await expectAccessible(page, "reset of second factors");
    await page.getByRole("button", { name: "Call it off" }).click();
    await expect(page.getByText(`The second factors of Kim go on`)).toHaveCount(0);
    await mailWith(kim.email, /was called off/);
  });

  await test.step("deletes an account by its name", async () => {
    await page.getByRole("button", { name: "Delete account" }).click();
    const dialog = page.getByRole("alertdialog");
    await expect(dialog.getByRole("button", { name: "Delete for good" })).toBeDisabled();
    await expectAccessible(page, "delete somebody's account");
    await dialog.getByRole("textbox").fill(kim.username);
    await dialog.getByRole("button", { name: "Delete for good" }).click();
    await ada.confirmIfAsked(page.getByText("Connected now"));
    await expect(page.getByText("Connected now")).toBeVisible();
    await expect(kim.page.getByText("Your session has ended.")).toBeVisible();
  });

  await test.step("makes an invitation, and takes it back", async () => {
    await page.goto("/admin/invitations");
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await page.getByLabel("Whom it is for").fill("The book club");
    await expectAccessible(page, "invite somebody");
    await page.getByRole("button", { name: "Make a link" }).click();
    const link = page.getByText(/^https:.*invite=/);
    await ada.confirmIfAsked(link);
    await expect(link).toBeVisible();
    await expectAccessible(page, "invitation");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Revoke: The book club" }).click();
    await expect(page.getByText("There is no invitation yet.")).toBeVisible();
  });

  await ada.leave();
  await kim.leave();
});

test("an account is switched off by its owner, and is kept", async ({ browser }) => {
  test.setTimeout(240_000);
  const lou = await Person.arrive(browser, "Lou");
  const { page } = lou;
  await lou.signUp();
  await lou.openSettings("Your data");
  await page.getByRole("button", { name: "Deactivate account" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Deactivate your account?" });
  await dialog.getByRole("textbox").fill(lou.username);
  await dialog.getByRole("button", { name: "Deactivate account" }).click();
  const goodbye = page.getByText("Your account is deactivated.");
  await lou.confirmIfAsked(goodbye);
  await expect(goodbye).toBeVisible();
  await expectAccessible(page, "deactivated");
  await lou.givePassword();
  await page.getByLabel("6-digit code").fill(await lou.app!.code());
  await expect(page.getByText("This account is deactivated.")).toBeVisible();
  operator("chat", "admin", "users", "activate", lou.username);
  await lou.signIn();
  await lou.leave();
});

test("the mail about a reset of second factors leads to a page that calls it off", async ({
  browser,
}) => {
  const mia = await Person.arrive(browser, "Mia");
  const { page } = mia;
  await mia.signUp();
  operator("mfa", "accounts", "reset-factors", "--app", "chat", mia.username);
  const mail = await mailWith(mia.email, /about to be removed/);
  const link = /https:\S+#\S+/.exec(mail)![0];
  await mia.signOut("Keep messages here");
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Keep your second factors?" })).toBeVisible();
  await expectAccessible(page, "keep second factors");
  await page.getByRole("button", { name: "Keep them" }).click();
  await expect(page.getByRole("heading", { name: "Your second factors stay" })).toBeVisible();
  await expectAccessible(page, "second factors stay");
  await mailWith(mia.email, /was called off/);
  const stranger = await browser.newPage();
  await stranger.goto(`${link.split("#")[0]}#nothing`);
  await stranger.getByRole("button", { name: "Keep them" }).click();
  await expect(stranger.getByText("This link belongs to no request.")).toBeVisible();
  await stranger.close();
  await mia.signIn();
  await mia.leave();
});
