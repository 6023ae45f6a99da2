/** Two people, from the door to a conversation, through absence and return. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";

test("two people find each other and talk", async ({ browser }) => {
  test.setTimeout(300_000);
  const ana = await Person.arrive(browser, "Ana");
  const bo = await Person.arrive(browser, "Bo");

  await test.step("both sign up", async () => {
    await ana.page.goto("/");
    await expectAccessible(ana.page, "welcome");
    await ana.fillSignUp();
    await expectAccessible(ana.page, "confirm e-mail");
    await ana.confirmEmail();
    await expectAccessible(ana.page, "protect sign-in");
    await ana.protect();
    await expectAccessible(ana.page, "backup codes");
    await ana.saveKit();
    await expect(ana.page.getByRole("heading", { name: "Room for somebody" })).toBeVisible();
    await expectAccessible(ana.page, "chat without anybody");
  });

  await test.step("a tab closed in the middle goes on where it stopped", async () => {
    await bo.fillSignUp();
    await bo.page.close();
    bo.page = await bo.context.newPage();
    await bo.page.goto("/sign-up");
    await bo.confirmEmail();
    await bo.page.reload();
    await bo.protect();
    await bo.saveKit();
  });

  await test.step("one signs out and in again with password and code", async () => {
    await ana.signOut("Keep messages here");
    await ana.page.goto("/sign-in");
    await expectAccessible(ana.page, "sign in");
    await ana.signIn();
  });

  await test.step("a request is seen at once, accepted, and both are online", async () => {
    await ana.befriend(bo);
    await expectAccessible(ana.page, "people");
    await expect(bo.page.getByText("Ana wants to write with you.")).toBeVisible();
    await bo.accept(ana);
    await expect(ana.page.getByText("Bo accepted your request.")).toBeVisible();
    await ana.open(bo);
    await expect(ana.page.getByText("online", { exact: true }).first()).toBeVisible();
    await expect(bo.page.getByText("online", { exact: true }).first()).toBeVisible();
  });

  await test.step("they write, live, and see how far it came", async () => {
    await ana.write(bo, "Did the box with the seedlings arrive?");
    await expect(
      bo.messages(ana).getByText("Did the box with the seedlings arrive?"),
    ).toBeVisible();
    await bo.composer(ana).pressSequentially("Arrived ");
    await expect(ana.page.getByText("Bo is writing…")).toBeVisible();
    await bo.write(ana, "Arrived this morning 🌿");
    await expect(ana.messages(bo).getByText("Arrived this morning 🌿")).toBeVisible();
    await ana.page.getByRole("button", { name: "Emoji" }).click();
    await ana.page.getByRole("option", { name: "🌸" }).click();
    await ana.page.keyboard.press("Enter");
    await expect(bo.messages(ana).getByText("🌸")).toBeVisible();
    await bo.page.bringToFront();
    await expect(ana.messages(bo).getByText("Read", { exact: true }).last()).toBeVisible();
    await expectAccessible(ana.page, "conversation");
  });

  await test.step("what was written while one was away is there, in order, once", async () => {
    await bo.page.close();
    const missed = ["one", "two", "three", "four"].map((word) => `While you were away: ${word}`);
    for (const text of missed) await ana.write(bo, text);
    await expect(ana.messages(bo).getByText(missed[3]!)).toBeVisible();
    await expect(ana.messages(bo).getByText("Sending")).toHaveCount(0);

    bo.page = await bo.context.newPage();
    await bo.page.goto("/chat");
    await bo.expectConnected();
    await expect(bo.list.getByText("4 unread messages")).toBeAttached();
    await bo.open(ana);
    await expect(bo.messages(ana).getByText("New messages")).toBeVisible();
    await expect
      .poll(() => bo.texts(ana))
      .toEqual([
        "Did the box with the seedlings arrive?",
        "Arrived this morning 🌿",
        "🌸",
        ...missed,
      ]);
  });

  await test.step("a reload keeps keys and history", async () => {
    const before = await bo.texts(ana);
    await bo.page.reload();
    await bo.expectConnected();
    await expect.poll(() => bo.texts(ana)).toEqual(before);
    await bo.write(ana, "Still here");
    await expect(ana.messages(bo).getByText("Still here")).toBeVisible();
  });

  await test.step("drafts survive", async () => {
    await ana.composer(bo).fill("I think we should");
    await ana.page.waitForTimeout(600);
    await ana.page.reload();
    await expect(ana.composer(bo)).toHaveValue("I think we should");
    await ana.composer(bo).fill("");
  });

  await ana.leave();
  await bo.leave();
});
