/** No network, two tabs, a new browser, a removed contact. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";

test("breaks, tabs and goodbyes", async ({ browser }) => {
  test.setTimeout(300_000);
  const cleo = await Person.arrive(browser, "Cleo");
  const dan = await Person.arrive(browser, "Dan");
  await cleo.signUp();
  await dan.signUp();
  await cleo.befriend(dan);
  await dan.accept(cleo);
  await cleo.open(dan);
  await cleo.write(dan, "Before the break");
  await expect(dan.messages(cleo).getByText("Before the break")).toBeVisible();

  await test.step("without a network messages wait here and go out in order", async () => {
    await cleo.context.setOffline(true);
    await expect(cleo.page.getByText("You're offline.")).toBeVisible();
    await cleo.write(dan, "First");
    await cleo.write(dan, "Second");
    await expect(cleo.page.getByText("2 messages are saved here")).toBeVisible();
    await cleo.context.setOffline(false);
    await cleo.expectConnected();
    await expect(dan.messages(cleo).getByText("Second")).toBeVisible();
    await expect.poll(() => dan.texts(cleo)).toEqual(["Before the break", "First", "Second"]);
  });

  await test.step("a second tab asks, and does no harm", async () => {
    const first = cleo.page;
    const second = await cleo.context.newPage();
    await second.goto("/chat");
    await expect(second.getByText("Snug is active in another tab.")).toBeVisible();
    await expectAccessible(second, "second tab");
    await second.getByRole("button", { name: "Use it here" }).click();
    cleo.page = second;
    await cleo.expectConnected();
    await expect(first.getByText("Snug is active in another tab.")).toBeVisible();
    await cleo.open(dan);
    await cleo.write(dan, "From the second tab");
    await expect(dan.messages(cleo).getByText("From the second tab")).toBeVisible();
    await second.close();
    // The first is active again by itself.
    cleo.page = first;
    await cleo.expectConnected();
    await expect.poll(() => cleo.texts(dan)).toContain("From the second tab");
  });

  await test.step("a browser without the keys says so and can start fresh", async () => {
    const elsewhere = await browser.newContext();
    const page = await elsewhere.newPage();
    const old = cleo.page;
    cleo.page = page;
    await page.goto("/sign-in");
    await page.getByLabel("E-mail or username").fill(cleo.email);
    await page.getByLabel("Password", { exact: true }).fill(cleo.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("button", { name: "Use a backup code" }).click();
    await page.getByLabel("Backup code").fill(cleo.backupCodes[0]!);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Unlock your messages" })).toBeVisible();
    await expectAccessible(page, "no keys here");
    await page.getByRole("button", { name: "Start over without old messages" }).click();
    await page.getByRole("button", { name: "Make new keys" }).click();
    await cleo.expectConnected();
    await cleo.open(dan);
    await cleo.write(dan, "With new keys");
    await expect(dan.page.getByText("Cleo has new keys")).toBeVisible();
    await expectAccessible(dan.page, "key change");
    await dan.page.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(dan.messages(cleo).getByText("With new keys")).toBeVisible();
    await dan.write(cleo, "Good to read you");
    await expect(cleo.messages(dan).getByText("Good to read you")).toBeVisible();
    await old.close();
  });

  await test.step("removing a contact closes the conversation on both sides", async () => {
    const { page } = dan;
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await expectAccessible(page, "remove dialog");
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await expect(dan.list.getByRole("link", { name: "Cleo" })).toHaveCount(0);
    await expect(cleo.page.getByText("You and Dan are no longer contacts.")).toBeVisible();
    await expect(cleo.messages(dan).getByText("Good to read you")).toBeVisible();
  });

  await test.step("everything can be removed from a browser", async () => {
    await dan.signOut("Remove everything here");
    const left = await dan.page.evaluate(() => indexedDB.databases());
    expect(left.filter(({ name }) => name?.startsWith("snug-"))).toEqual([]);
  });

  await cleo.leave();
  await dan.leave();
});

test("without a server every page opens, and everything can be erased", async ({ browser }) => {
  const gus = await Person.arrive(browser, "Gus");
  await gus.signUp();
  const { page } = gus;
  // What other pages are made of arrives in a quiet moment.
  await expect
    .poll(() =>
      page.evaluate(() =>
        performance
          .getEntriesByType("resource")
          .some(({ name }) => name.includes("/safety-dialog-")),
      ),
    )
    .toBe(true);
  await gus.context.setOffline(true);
  await gus.openSettings("Devices and sessions");
  await gus.openSettings("Language and appearance");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Keep messages here" }).click();
  await expect(page.getByText("No connection to the server.")).toBeVisible();
  await page.getByRole("button", { name: "Remove everything here" }).click();
  await expect(page.getByText("Everything is erased from this browser.")).toBeVisible();
  const left = await page.evaluate(() => indexedDB.databases());
  expect(left.filter(({ name }) => name?.startsWith("snug-"))).toEqual([]);
  await gus.leave();
});

test("the app starts on a network that comes and goes", async ({ browser }) => {
  const eve = await Person.arrive(browser, "Eve");
  const cut: string[] = [];
  for (const part of ["worker", "wasm"]) {
    await eve.context.route(new RegExp(`/assets/[^/]*${part}[^/]*$`), async (route) => {
      if (cut.includes(part)) return route.continue();
      cut.push(part);
      return route.abort("internetdisconnected");
    });
  }
  await eve.signUp();
  expect(cut).toEqual(["worker", "wasm"]);
  await eve.leave();
});
