/** Oneself, where one is signed in, and whom one keeps out. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";

test("what one shows, where one is signed in, whom one blocks", async ({ browser }) => {
  test.setTimeout(300_000);
  const hana = await Person.arrive(browser, "Hana");
  const ivo = await Person.arrive(browser, "Ivo");
  await hana.signUp();
  await ivo.signUp();

  await test.step("who does not want to be found is not found", async () => {
    await hana.openSettings("Privacy");
    const findable = hana.page.getByRole("switch", { name: "Others can find me" });
    await expect(findable).toBeChecked();
    await expectAccessible(hana.page, "privacy");
    const stored = hana.page.waitForResponse((reply) => reply.request().method() === "PATCH");
    await hana.page.getByText("Others can find me").click();
    expect((await stored).status()).toBe(200);
    await expect(findable).not.toBeChecked();
    await ivo.tab("People").click();
    await ivo.page.getByRole("searchbox").fill(hana.username);
    await expect(ivo.page.getByText("Nobody by that name.")).toBeVisible();
    await ivo.page.getByRole("searchbox").fill("");
    await hana.page.reload();
    await expect(findable).not.toBeChecked();
  });

  await test.step("a switch far down scrolls its page, not the whole app", async () => {
    const { page } = hana;
    await page.setViewportSize({ width: 1440, height: 420 });
    await hana.openSettings("Devices and sessions");
    await page.getByText("Keep an archive").click();
    const archive = page.getByRole("switch", { name: "Keep an archive" });
    await expect(archive).toBeFocused();
    await expect(archive).not.toBeChecked();
    await page.keyboard.press(" ");
    await expect(archive).toBeChecked();
    const moved = await page.evaluate(() => {
      const frame = document.documentElement;
      return [frame.scrollTop, frame.scrollHeight - frame.clientHeight];
    });
    expect(moved).toEqual([0, 0]);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await test.step("a request can be withdrawn, and refused for good", async () => {
    await hana.befriend(ivo);
    await hana.page.getByRole("searchbox").fill("");
    await hana.page.getByRole("button", { name: "Withdraw: Ivo" }).click();
    await expect(hana.page.getByText("Waiting for an answer")).toHaveCount(0);
    await hana.befriend(ivo);
    await ivo.page.getByRole("button", { name: "Block Hana" }).click();
    await expectAccessible(ivo.page, "block dialog");
    await ivo.page.getByRole("alertdialog").getByRole("button", { name: "Block" }).click();
    await expect(ivo.page.getByText("Wants to write with you")).toHaveCount(0);
    await ivo.openSettings("Privacy");
    await expect(ivo.page.getByText(`@${hana.username}`)).toBeVisible();
    await expectAccessible(ivo.page, "blocked people");
    await ivo.page.getByRole("button", { name: "Unblock: Hana" }).click();
    await expect(ivo.page.getByText("Nobody is blocked.")).toBeVisible();
  });

  await test.step("a new name is seen by contacts at once", async () => {
    await hana.page.reload();
    await hana.expectConnected();
    await hana.befriend(ivo);
    await ivo.tab("People").click();
    await ivo.accept(hana);
    await hana.openSettings(`@${hana.username}`, "Profile");
    await expectAccessible(hana.page, "profile");
    await hana.page.getByLabel("Name", { exact: true }).fill("Hana Aoki");
    await hana.page.getByRole("button", { name: "Save" }).click();
    await expect(hana.page.getByText("Saved.")).toBeVisible();
    await expect(ivo.page.getByRole("heading", { name: "Hana Aoki", level: 1 })).toBeVisible();
  });

  await test.step("a picture is cut to a square and seen by contacts", async () => {
    const chooser = hana.page.waitForEvent("filechooser");
    await hana.page.getByRole("button", { name: "Choose a picture" }).click();
    await (
      await chooser
    ).setFiles({
      name: "notes.png",
      mimeType: "image/png",
      buffer: Buffer.from("no picture at all"),
    });
    await expect(hana.page.getByText("This file can't be read as a picture.")).toBeVisible();
    const again = hana.page.waitForEvent("filechooser");
    await hana.page.getByRole("button", { name: "Choose a picture" }).click();
    await (
      await again
    ).setFiles({
      name: "window.png",
      mimeType: "image/png",
      buffer: await hana.page.screenshot(),
    });
    await expect(hana.page.getByRole("button", { name: "Change picture" })).toBeVisible();
    const shown = ivo.page.locator(`header img[src*="/avatar/"]`);
    await expect(shown).toBeVisible();
    await expect
      .poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBe(512);
    await hana.page.getByRole("button", { name: "Remove", exact: true }).click();
    await expect(shown).toHaveCount(0);
  });

  await test.step("a contact can be blocked from the conversation, and let back in", async () => {
    await ivo.page.getByRole("button", { name: "More for Hana Aoki" }).click();
    await expectAccessible(ivo.page, "contact menu");
    await ivo.page.getByRole("menuitem", { name: "Block" }).click();
    await ivo.page.getByRole("alertdialog").getByRole("button", { name: "Block" }).click();
    await expect(ivo.page.getByText("You blocked Hana Aoki.")).toBeVisible();
    await expectAccessible(ivo.page, "blocked conversation");
    await hana.tab("People").click();
    await expect(hana.page.getByText("No contacts yet")).toBeVisible();
    await ivo.page.getByRole("button", { name: "Unblock" }).click();
    await expect(ivo.page.getByText("You and Hana Aoki are no longer contacts.")).toBeVisible();
  });

  await test.step("other sessions are seen and ended", async () => {
    const elsewhere = await hana.signInElsewhere(browser);
    await hana.openSettings("Devices and sessions");
    await expect(hana.page.getByText("this device", { exact: true })).toBeVisible();
    await expect(hana.page.getByRole("button", { name: /^Sign out: Chrome on/ })).toHaveCount(1);
    await expectAccessible(hana.page, "devices and sessions");
    await hana.page.getByRole("button", { name: "Sign out everywhere else" }).click();
    await expectAccessible(hana.page, "end all others");
    await hana.page
      .getByRole("alertdialog")
      .getByRole("button", { name: "Sign out everywhere else" })
      .click();
    await expect(hana.page.getByText("You are signed in nowhere else.")).toBeVisible();
    // Even a browser that has no keys hears of it at once.
    const [page] = elsewhere.pages();
    await expect(page!.getByText("Your session has ended.")).toBeVisible();
    await elsewhere.close();
  });

  await hana.leave();
  await ivo.leave();
});
