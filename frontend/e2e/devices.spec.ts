/** One person, several browsers: linking, the recovery key, old messages, and shutting a device out. */
import { type Browser, expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";

const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };

test("a second browser is let in by its code, reads what was written, and is removed", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const [lena, max] = await friends(browser, "Lena", "Max");
  const old = lena.page;
  const elsewhere = await elsewhereOf(lena, browser);
  const fresh = elsewhere.page;

  await test.step("every way in stands there, and leads back", async () => {
    await expectAccessible(fresh, "ways in of a new device");
    await fresh.getByRole("button", { name: "Use my recovery key" }).click();
    await expectAccessible(fresh, "recovery key asked for");
    await fresh.getByRole("button", { name: "Choose another way" }).click();
    await fresh.getByRole("button", { name: "Start over without old messages" }).click();
    await expectAccessible(fresh, "starting over");
    await fresh.getByRole("button", { name: "Cancel" }).click();
  });

  await test.step("the new browser shows a code, which the old one takes as text", async () => {
    await fresh.getByRole("button", { name: "Scan with my other device" }).click();
    await expect(fresh.getByRole("img", { name: "QR code for your other device" })).toBeVisible();
    await expect(fresh.getByRole("timer")).toContainText("Good for");
    await expectAccessible(fresh, "code of a new device");
    await fresh.getByRole("button", { name: "Copy as text" }).click();
    const code = await fresh.evaluate(() => navigator.clipboard.readText());

    await lena.openSettings("Devices and sessions");
    // The new browser is signed in, and opens nothing yet.
    await expect(opening(old)).toHaveCount(1);
    await expect(old.getByText("A device of yours was shut out")).toHaveCount(0);
    await expectAccessible(old, "a device that signed itself out");
    await expect(devicesOf(old).getByText("without keys to your messages")).toHaveCount(1);
    await expectAccessible(old, "devices and sessions");
    await old.getByRole("button", { name: "Link a new device" }).click();
    await expectAccessible(old, "ways to link");
    await old.getByRole("button", { name: "Scan its code" }).click();
    const paste = old.getByRole("textbox", { name: "Or paste the text of the code" });
    await paste.fill("https://example.org/menu");
    await old.getByRole("button", { name: "Use this text" }).click();
    await expect(old.getByText("This is not the code of a new device.")).toBeVisible();
    await expectAccessible(old, "scanner");
    await paste.fill(code);
    await old.getByRole("button", { name: "Use this text" }).click();
    await lena.confirmIfAsked(old.getByRole("heading", { name: "The new device is in" }));
    await expect(old.getByRole("heading", { name: "The new device is in" })).toBeVisible();
    await expectAccessible(old, "linked");
    await old.getByRole("button", { name: "Done" }).click();
    await expect(fresh.getByText("Connected")).toBeVisible();
    await expect(opening(old)).toHaveCount(2);
  });

  await test.step("it reads what was written before it came, and writes", async () => {
    lena.page = fresh;
    await lena.open(max);
    await expect(lena.messages(max).getByText("Before the second browser")).toBeVisible();
    await lena.write(max, "From the second browser");
    await expect(max.messages(lena).getByText("From the second browser")).toBeVisible();
  });

  await test.step("it knows of the recovery key, and that a new one ends it", async () => {
    await lena.openSettings("Devices and sessions");
    await expect(fresh.getByText("You have a recovery key since")).toBeVisible();
    await fresh.getByRole("button", { name: "Make a new key" }).click();
    const question = fresh.getByRole("alertdialog");
    await expect(question.getByText("stops working")).toBeVisible();
    await question.getByRole("button", { name: "Cancel" }).click();
    lena.page = old;
  });

  await test.step("it gets a name, and is shut out", async () => {
    // Its session stands with it now, no more by itself.
    await lena.openSettings("Sign-in and security");
    await lena.openSettings("Devices and sessions");
    await expect(devicesOf(old).getByRole("listitem")).toHaveCount(2);
    const second = devicesOf(old).getByRole("listitem").nth(1);
    await second.getByRole("button", { name: "More for" }).click();
    await old.getByRole("menuitem", { name: "Rename" }).click();
    await old.getByLabel("What you call it").fill("Kitchen tablet");
    await old.getByRole("button", { name: "Save" }).click();
    await expect(second.getByText("Kitchen tablet")).toBeVisible();
    await second.getByRole("button", { name: "More for Kitchen tablet" }).click();
    await old.getByRole("menuitem", { name: "Remove" }).click();
    await expectAccessible(old, "removing a device");
    const question = old.getByRole("alertdialog", { name: "Remove Kitchen tablet?" });
    await question.getByRole("button", { name: "Remove" }).click();
    const removed = old.getByText("The device is removed.");
    await lena.confirmIfAsked(removed);
    await expect(removed).toBeVisible();
    await expect(devicesOf(old).getByRole("listitem")).toHaveCount(1);
    await expect(old.getByText("You are signed in nowhere else.")).toBeVisible();
    await expect(fresh.getByRole("heading", { name: "This browser was removed" })).toBeVisible();
    await expectAccessible(fresh, "a browser that was removed");
    await fresh.getByRole("button", { name: "Erase it all and sign in anew" }).click();
    await expect(fresh.getByRole("heading", { name: "Welcome back" })).toBeVisible();
    const names = await fresh.evaluate(() => indexedDB.databases());
    expect(names.filter(({ name }) => name?.startsWith("snug-"))).toEqual([]);
    await lena.open(max);
    await lena.write(max, "One browser less");
    await expect(max.messages(lena).getByText("One browser less")).toBeVisible();
  });

  await elsewhere.leave();
  await lena.leave();
  await max.leave();
});

test("a new browser is let in by typed digits, once they are the right ones", async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const mia = await Person.arrive(browser, "Mia");
  await mia.signUp();
  const old = mia.page;
  const elsewhere = await elsewhereOf(mia, browser);
  const fresh = elsewhere.page;
  const digits = fresh.getByText(/^\d{3}\s*\d{4}$/);
  const asked = old.getByRole("alertdialog", { name: "Is this new device yours?" });

  await test.step("the device in use asks, wherever one is", async () => {
    await fresh.getByRole("button", { name: "Type a code on my other device" }).click();
    await expect(asked).toBeVisible();
    await expectAccessible(old, "a new device asks");
    await asked.getByRole("button", { name: "It is mine, go on" }).click();
    await expect(digits).toBeVisible();
    await expectAccessible(fresh, "digits of a new device");
  });

  await test.step("a device that is not mine is out at once", async () => {
    await fresh.getByRole("button", { name: "Choose another way" }).click();
    await expect(old.getByText("The link was ended. Begin anew.")).toBeVisible();
    await old.getByRole("button", { name: "Close" }).click();
    await fresh.getByRole("button", { name: "Type a code on my other device" }).click();
    await asked.getByRole("button", { name: "Not mine" }).click();
    await expect(old.getByRole("alertdialog", { name: "It was not let in" })).toBeVisible();
    await expectAccessible(old, "not my device");
    await old.getByRole("button", { name: "Close" }).click();
    await expect(fresh.getByText("The link was ended. Begin anew.")).toBeVisible();
    await fresh.getByRole("button", { name: "Show a new code" }).click();
    await asked.getByRole("button", { name: "It is mine, go on" }).click();
    await expect(digits).toBeVisible();
  });

  await test.step("wrong digits end it, on both sides", async () => {
    const right = (await digits.innerText()).replace(/\D/g, "");
    await typeDigits(old, right === "0000000" ? "0000001" : "0000000");
    await mia.confirmIfAsked(old.getByText("These are not the digits"));
    await expect(old.getByText("These are not the digits")).toBeVisible();
    await expectAccessible(old, "wrong digits");
    await old.getByRole("button", { name: "Close" }).click();
    await expect(fresh.getByRole("button", { name: "Show a new code" })).toBeVisible();
    await expectAccessible(fresh, "a link that ended");
  });

  await test.step("a new code is one click away, and lets it in", async () => {
    await fresh.getByRole("button", { name: "Show a new code" }).click();
    await asked.getByRole("button", { name: "It is mine, go on" }).click();
    await expect(digits).toBeVisible();
    await typeDigits(old, (await digits.innerText()).replace(/\D/g, ""));
    const done = old.getByRole("heading", { name: "The new device is in" });
    await mia.confirmIfAsked(done);
    await expect(done).toBeVisible();
    await fresh.getByRole("button", { name: "Yes, it took them" }).click();
    await expect(fresh.getByText("Connected")).toBeVisible();
    await old.getByRole("button", { name: "Done" }).click();
  });

  await test.step("where everything is removed, the device goes along", async () => {
    await mia.openSettings("Devices and sessions");
    await expect(opening(old)).toHaveCount(2);
    mia.page = fresh;
    await mia.signOut("Remove everything here");
    mia.page = old;
    // It signed itself out: a quiet word, and no alarm.
    await expect(old.getByText(/was signed out and is off your list of devices/)).toBeVisible();
    await expect(opening(old)).toHaveCount(1);
  });

  await elsewhere.leave();
  await mia.leave();
});

test("the recovery key opens old messages when every device is lost", async ({ browser }) => {
  test.setTimeout(300_000);
  const [noor, olaf] = await friends(browser, "Noor", "Olaf");

  const before = noor.recoveryKey;

  await test.step("a new key takes the place of the first", async () => {
    await noor.openSettings("Devices and sessions");
    const { page } = noor;
    await expect(page.getByText("10 codes are left.")).toBeVisible();
    await expect(page.getByText("You have a recovery key since")).toBeVisible();
    await page.getByRole("button", { name: "Make a new key" }).click();
    await expectAccessible(page, "new recovery key");
    await page.getByRole("alertdialog").getByRole("button", { name: "Make a new key" }).click();
    const shown = page.getByRole("alertdialog", { name: "Save your recovery key" });
    await noor.confirmIfAsked(shown);
    noor.recoveryKey = await shown.getByRole("region").locator("p").innerText();
    expect(noor.recoveryKey).toMatch(/^([0-9A-Z]{5}-){7}[0-9A-Z]{5}$/);
    await expectAccessible(page, "recovery key shown");
    const download = page.waitForEvent("download");
    await shown.getByRole("button", { name: "Download" }).click();
    await download;
    await shown.getByRole("button", { name: "I have saved it" }).click();
    await expect(page.getByText("Your recovery kit isn't saved yet")).toHaveCount(0);
  });

  await test.step("the archive holds what was written", async () => {
    await expect(noor.page.getByText("No message waits to be kept.")).toBeVisible();
    await expect(noor.page.getByRole("switch", { name: "Keep an archive" })).toBeChecked();
    await expectAccessible(noor.page, "recovery kit and archive");
    // Who looks at the list of devices sees a new one there, without a toast.
    await noor.open(olaf);
  });

  const elsewhere = await elsewhereOf(noor, browser);
  const fresh = elsewhere.page;
  const old = noor.page;

  await test.step("a mistyped key says where, a wrong one that it is none", async () => {
    await fresh.getByRole("button", { name: "Use my recovery key" }).click();
    const field = fresh.getByLabel("Recovery key");
    const groups = noor.recoveryKey.split("-");
    const first = groups[2]!.startsWith("0") ? "1" : "0";
    await field.fill(groups.with(2, first + groups[2]!.slice(1)).join("-"));
    await fresh.getByRole("button", { name: "Unlock" }).click();
    await expect(fresh.getByText("Group 3 looks mistyped.")).toBeVisible();
    await expectAccessible(fresh, "mistyped recovery key");
    // Well-formed, and not the key that stands: the one before, and another person's.
    for (const wrong of [before, olaf.recoveryKey]) {
      expect(wrong).toMatch(/^([0-9A-Z]{5}-){7}[0-9A-Z]{5}$/);
      await field.fill(wrong);
      await expect(fresh.getByText("This key doesn't open your account.")).toHaveCount(0);
      await fresh.getByRole("button", { name: "Unlock" }).click();
      await expect(fresh.getByText("This key doesn't open your account.")).toBeVisible();
    }
    await field.fill(noor.recoveryKey.toLowerCase().replaceAll("-", " "));
    await fresh.getByRole("button", { name: "Unlock" }).click();
    await expect(fresh.getByText("Connected")).toBeVisible();
  });

  await test.step("the lost one would have told of it", async () => {
    const told = old.getByRole("region", { name: "A new device opens your messages" });
    await expect(told).toBeVisible();
    await expect(old.getByText("A new device opens your messages: ")).toBeVisible();
    await expectAccessible(old, "a new device of one's own");
    await told.getByRole("button", { name: "Yes, that was me" }).click();
    await expect(told).toHaveCount(0);
    await noor.context.close();
  });

  await test.step("the old conversation is here, down to its beginning", async () => {
    noor.page = fresh;
    await noor.open(olaf);
    await expect(noor.messages(olaf).getByText("Before the second browser")).toBeVisible();
    await expectAccessible(fresh, "a conversation from the archive");
    await noor.write(olaf, "I am back");
    await expect(olaf.messages(noor).getByText("I am back")).toBeVisible();
  });

  await elsewhere.leave();
  await olaf.leave();
});

/** Two who have written to each other, both conversations open. */
async function friends(browser: Browser, one: string, other: string): Promise<[Person, Person]> {
  const a = await Person.arrive(browser, one);
  const b = await Person.arrive(browser, other);
  await a.signUp();
  await b.signUp();
  await a.befriend(b);
  await b.tab("Chats").click();
  await b.accept(a);
  await a.open(b);
  await a.write(b, "Before the second browser");
  await expect(b.messages(a).getByText("Before the second browser")).toBeVisible();
  await b.write(a, "And the answer");
  await expect(a.messages(b).getByText("And the answer")).toBeVisible();
  return [a, b];
}

/** Another browser of the same person, signed in and without keys. */
async function elsewhereOf(
  person: Person,
  browser: Browser,
): Promise<{ page: Page; leave: () => Promise<void> }> {
  const context = await person.signInElsewhere(browser, clipboard);
  const [page] = context.pages();
  return { page: page!, leave: () => context.close() };
}

async function typeDigits(page: Page, digits: string): Promise<void> {
  await page.getByLabel("7 digits of the new device").fill(digits);
  await expectAccessible(page, "typing digits");
  await page.getByRole("button", { name: "Let it in" }).click();
}

const devicesOf = (page: Page) => page.getByRole("list", { name: "Your devices and sessions" });
const opening = (page: Page) => devicesOf(page).getByText("Opens your messages");
