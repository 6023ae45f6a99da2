/** Two people make sure that nobody stands between them, and notice when keys change. */
import { type Browser, expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";
import { openNumber, safetyNumber } from "./support/safety";

const mark = ({ page }: Person, other: Person) =>
  page.getByRole("button", { name: `${other.name} is verified` });

/** The 60 digits on somebody's screen. */
async function digits(person: Person, other: Person): Promise<string> {
  const shown = safetyNumber(person, other).getByText(/^(\d{5}\s*){12}$/);
  return (await shown.innerText()).replace(/\D/g, "");
}

/** The text of the code on somebody's screen. */
async function code(person: Person, other: Person): Promise<string> {
  await person.page.bringToFront();
  await safetyNumber(person, other).getByRole("button", { name: "Copy the code as text" }).click();
  await expect(safetyNumber(person, other).getByText("Copied")).toBeVisible();
  return person.page.evaluate(() => navigator.clipboard.readText());
}

/** Pastes what the other's screen shows; the screen says `title` of it. */
async function paste(page: Page, text: string, title: string): Promise<void> {
  await page.getByRole("textbox", { name: /^Or paste/ }).fill(text);
  await page.getByRole("button", { name: "Use this text" }).click();
  await expect(page.getByRole("heading", { name: title, exact: true })).toBeVisible();
}

/** On a new browser, with new keys; the old one is closed. */
async function startOver(person: Person, browser: Browser): Promise<void> {
  const elsewhere = await person.signInElsewhere(browser);
  await elsewhere.grantPermissions(["clipboard-read", "clipboard-write"]);
  const old = person.page;
  person.page = elsewhere.pages()[0]!;
  await person.page.getByRole("button", { name: "Start over without old messages" }).click();
  await person.page.getByRole("button", { name: "Make new keys" }).click();
  await person.confirmIfAsked(person.page.getByText("Connected"));
  await person.expectConnected();
  await old.close();
}

test("two people compare, and one of them gets new keys", async ({ browser }) => {
  test.setTimeout(420_000);
  const ana = await Person.arrive(browser, "Ana");
  const bo = await Person.arrive(browser, "Bo");
  await ana.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await bo.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ana.signUp();
  await bo.signUp();
  await ana.befriend(bo);
  await bo.accept(ana);
  await ana.open(bo);
  await ana.write(bo, "Is it you?");
  await expect(bo.messages(ana).getByText("Is it you?")).toBeVisible();

  await test.step("both see the same number", async () => {
    await openNumber(ana, bo);
    await openNumber(bo, ana);
    expect(await digits(ana, bo)).toMatch(/^\d{60}$/);
    expect(await digits(bo, ana)).toBe(await digits(ana, bo));
    await expectAccessible(ana.page, "safety number");
  });

  await test.step("what is no code of theirs says so", async () => {
    const own = await code(ana, bo);
    await safetyNumber(ana, bo).getByRole("button", { name: "Scan Bo's code" }).click();
    await expectAccessible(ana.page, "scan a safety number");
    await paste(ana.page, "hello", "This could not be read");
    const again = ana.page.getByRole("dialog").getByRole("button", { name: "Try again" });
    await again.click();
    await paste(ana.page, own, "This is your own code");
    await again.click();
  });

  await test.step("one compares by the code, the other by the digits", async () => {
    await paste(ana.page, await code(bo, ana), "The same");
    await expectAccessible(ana.page, "the same");
    await ana.page.getByRole("button", { name: "Done" }).click();
    await expect(mark(ana, bo).first()).toBeVisible();

    await openNumber(ana, bo);
    const shown = await digits(ana, bo);
    await safetyNumber(ana, bo).getByRole("button", { name: "Close" }).click();
    await safetyNumber(bo, ana).getByRole("button", { name: "Scan Ana's code" }).click();
    await paste(bo.page, shown.replace(/(.{5})/g, "$1 "), "The same");
    await bo.page.getByRole("button", { name: "Done" }).click();
    await expect(mark(bo, ana).first()).toBeVisible();
  });

  await test.step("the mark is explained, and stays", async () => {
    await mark(ana, bo).first().click();
    const words = ana.page.getByRole("dialog", { name: "Verified" });
    await expect(words.getByText("these are Bo's keys")).toBeVisible();
    await expectAccessible(ana.page, "the mark explained");
    await ana.page.keyboard.press("Escape");
    await ana.page.reload();
    await ana.expectConnected();
    await expect(mark(ana, bo).first()).toBeVisible();
  });

  await test.step("it can be taken back, and given by eye", async () => {
    await openNumber(bo, ana);
    await safetyNumber(bo, ana).getByRole("button", { name: "Take the verification back" }).click();
    await expect(mark(bo, ana)).toHaveCount(0);
    await safetyNumber(bo, ana)
      .getByRole("button", { name: "We compared: they are the same" })
      .click();
    await expect(
      safetyNumber(bo, ana).getByText("You compared this number with Ana"),
    ).toBeVisible();
    await safetyNumber(bo, ana).getByRole("button", { name: "Close" }).click();
  });

  await test.step("one of them starts over with new keys", async () => {
    await ana.composer(bo).fill("Only for the real Bo");
    await startOver(bo, browser);
  });

  await test.step("the other sees the line, and can write nothing more", async () => {
    await expect(ana.messages(bo).getByText("Bo's keys changed on")).toBeVisible();
    await expect(ana.page.getByText("Bo's keys changed after you verified them")).toBeVisible();
    await expect(mark(ana, bo)).toHaveCount(0);
    await expect(ana.composer(bo)).toHaveCount(0);
    await expect(ana.page.getByText("Your draft is kept:")).toBeVisible();
    await expect(ana.page.getByText("Only for the real Bo")).toBeVisible();
    await expectAccessible(ana.page, "new keys of somebody verified");
    await ana.page.reload();
    await ana.expectConnected();
    await expect(ana.page.getByText("Your draft is kept:")).toBeVisible();
    await expect(ana.composer(bo)).toHaveCount(0);
    await bo.open(ana);
  });

  await test.step("without the mark the draft is there again, and arrives", async () => {
    await ana.page.getByRole("button", { name: "Remove the verification" }).click();
    const warning = ana.page.getByRole("alertdialog", { name: "Remove the verification?" });
    await expectAccessible(ana.page, "go on without comparing");
    await warning.getByRole("button", { name: "Remove it and continue" }).click();
    await expect(ana.composer(bo)).toHaveValue("Only for the real Bo");
    await ana.composer(bo).press("Enter");
    await expect(bo.messages(ana).getByText("Only for the real Bo")).toBeVisible();
    await expect(ana.messages(bo).getByText("Bo's keys changed on")).toBeVisible();
    await expect(mark(ana, bo)).toHaveCount(0);
    await bo.write(ana, "It is me");
    await expect(ana.messages(bo).getByText("It is me")).toBeVisible();
  });

  await test.step("new keys of somebody not verified only hold back, until one tap", async () => {
    await startOver(bo, browser);
    await expect(ana.page.getByText("Bo has new keys")).toBeVisible();
    await expectAccessible(ana.page, "new keys of somebody not verified");
    await ana.write(bo, "Written meanwhile");
    await bo.open(ana);
    await expect(ana.messages(bo).getByText("Sending")).toBeAttached();
    // Long enough for a message that nothing holds.
    await bo.page.waitForTimeout(3_000);
    await expect(bo.messages(ana).getByText("Written meanwhile")).toHaveCount(0);
    await ana.page.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(bo.messages(ana).getByText("Written meanwhile")).toBeVisible();
    await expect(ana.page.getByText("Bo has new keys")).toHaveCount(0);
  });

  await test.step("they compare anew", async () => {
    await openNumber(ana, bo);
    await openNumber(bo, ana);
    const text = await code(bo, ana);
    await safetyNumber(ana, bo).getByRole("button", { name: "Scan Bo's code" }).click();
    await paste(ana.page, text, "The same");
    await ana.page.getByRole("button", { name: "Done" }).click();
    await expect(mark(ana, bo).first()).toBeVisible();
  });

  await ana.leave();
  await bo.leave();
});
