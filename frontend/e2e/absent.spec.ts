/** Who has no device for a while, and who makes new keys on one in use: groups keep them. */
import { type Browser, expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Guard } from "./support/guard";
import { Person } from "./support/person";

const GROUP = { name: "Sunday hikes" };
const LATER = { name: "Monday hikes" };
const AWAY = "No device at the moment";

const details = ({ page }: Person) => page.getByRole("complementary", { name: "Details" });
const row = (person: Person, of: Person) =>
  details(person).getByRole("listitem").filter({ hasText: of.name });

/** What stands between the messages of the group. */
const lines = (person: Person) =>
  person
    .messages(GROUP)
    .getByRole("listitem")
    .filter({ hasNot: person.page.locator("time") })
    .allInnerTexts();

/** The conversation of two; the group's row may name the same person. */
async function openDirect(person: Person, other: Person): Promise<void> {
  await person.tab("Chats").click();
  await person.list.getByText(other.name, { exact: true }).click();
  await expect(person.composer(other)).toBeVisible();
}

/** One says something in the group that is open at both, and the other reads it. */
async function tell(from: Person, to: Person, text: string): Promise<void> {
  await from.write(GROUP, text);
  await expect(to.messages(GROUP).getByText(text)).toBeVisible();
}

/** Ann, the only admin, and Bo have a group in which both wrote; it is open at both. */
async function twoInAGroup(browser: Browser): Promise<[Person, Person]> {
  const ann = await Person.arrive(browser, "Ann");
  const bo = await Person.arrive(browser, "Bo");
  await ann.signUp();
  await bo.signUp();
  await ann.befriend(bo);
  await bo.tab("Chats").click();
  await bo.accept(ann);
  await ann.tab("Chats").click();
  await ann.page.getByRole("button", { name: "New group" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "New group" });
  await dialog.getByLabel("Group name").fill(GROUP.name);
  await dialog.getByRole("option", { name: "Bo" }).click();
  await dialog.getByRole("button", { name: "Create group" }).click();
  await expect(details(ann).getByText("2 members")).toBeVisible();
  await bo.open(GROUP);
  await tell(ann, bo, "Nine at the bridge?");
  await tell(bo, ann, "I bring tea");
  return [ann, bo];
}

/** A new browser of somebody's, let in by their recovery key. */
async function newBrowser(person: Person, browser: Browser) {
  const context = await person.signInElsewhere(browser);
  const guard = new Guard(context);
  const page = context.pages()[0]!;
  const welcomed = await lookOut(page, "You were added to a group.");
  await page.getByRole("button", { name: "Use my recovery key" }).click();
  await page.getByLabel("Recovery key").fill(person.recoveryKey);
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(page.getByText("Connected")).toBeVisible();
  const leave = async () => {
    guard.check();
    await context.close();
  };
  return { page, welcomed, leave };
}

/** Looks out for words on a page from now on; the answer says whether they ever stood there. */
async function lookOut(page: Page, words: string): Promise<() => Promise<boolean>> {
  const found = await page.evaluateHandle((words) => {
    const found = { seen: false };
    const look = () => {
      found.seen ||= document.body.textContent.includes(words);
    };
    const whole = { subtree: true, childList: true, characterData: true };
    new MutationObserver(look).observe(document.body, whole);
    return found;
  }, words);
  return () => found.evaluate(({ seen }) => seen);
}

test("whoever erased their only browser is in the group again with the next", async ({
  browser,
}) => {
  test.setTimeout(420_000);
  const [ann, bo] = await twoInAGroup(browser);
  // What comes above it while it is fetched is no line of this story.
  await expect(bo.messages(GROUP).getByText("This is the beginning of")).toBeVisible();
  const before = await lines(bo);
  const first = ann.page;

  await test.step("the only admin erases the only browser", async () => {
    await ann.openSettings("Devices and sessions");
    await expect(first.getByText("No message waits to be kept.")).toBeVisible();
    await ann.signOut("Remove everything here");
    ann.guard.check();
  });

  await test.step("the group keeps her, and goes on", async () => {
    await expect(row(bo, ann)).toContainText(AWAY);
    await expect(row(bo, ann)).toContainText("Admin");
    await expect(row(bo, bo)).not.toContainText(AWAY);
    await expect(details(bo).getByText("2 members")).toBeVisible();
    await expectAccessible(bo.page, "a group in which somebody has no device");
    await bo.write(GROUP, "While you were away");
    await expect(bo.messages(GROUP).getByText("While you were away")).toBeVisible();
    await expect(bo.messages(GROUP).getByText("Sending")).toHaveCount(0);
    expect(await lines(bo)).toEqual(before);
  });

  const another = await newBrowser(ann, browser);
  ann.page = another.page;

  await test.step("her next browser finds it by itself, with what was said before", async () => {
    await ann.open(GROUP);
    await expect(ann.messages(GROUP).getByText("Nine at the bridge?")).toBeVisible();
    await expect(ann.messages(GROUP).getByText("I bring tea")).toBeVisible();
    const came = ann.messages(GROUP).getByText("This device is in the group now.");
    await expect(came).toBeVisible();
    await tell(ann, bo, "Here I am again");
    await tell(bo, ann, "Good to have you");
    await expect(ann.messages(GROUP).getByText("While you were away")).toHaveCount(0);
    expect(await another.welcomed()).toBe(false);
  });

  await test.step("she is the admin that she was", async () => {
    await expect(row(bo, ann)).not.toContainText(AWAY);
    await expect(row(bo, ann)).toContainText("Admin");
    expect(await lines(bo)).toEqual(before);
    await expect(row(ann, ann)).toContainText("Admin");
    await details(ann).getByRole("button", { name: "Rename group" }).click();
    const dialog = ann.page.getByRole("dialog", { name: "Rename group" });
    await dialog.getByLabel("Group name").fill(LATER.name);
    await dialog.getByRole("button", { name: "Save" }).click();
    const named = bo.messages(LATER).getByText(`Ann named the group “${LATER.name}”.`);
    await expect(named).toBeVisible();
  });

  await another.leave();
  await ann.leave();
  await bo.leave();
});

test("new keys on a browser in use keep what is on it", async ({ browser }) => {
  test.setTimeout(420_000);
  const [ann, bo] = await twoInAGroup(browser);
  const { page } = ann;

  await test.step("they have written to each other alone as well", async () => {
    await openDirect(ann, bo);
    await openDirect(bo, ann);
    await ann.write(bo, "Only for you");
    await expect(bo.messages(ann).getByText("Only for you")).toBeVisible();
    await bo.write(ann, "And for you");
    await expect(ann.messages(bo).getByText("And for you")).toBeVisible();
  });

  const another = await newBrowser(ann, browser);

  await test.step("she makes new keys", async () => {
    await ann.openSettings("Devices and sessions");
    const begin = page.getByRole("button", { name: "Start over with new keys" });
    const question = page.getByRole("alertdialog", { name: "Start over with new keys?" });
    await begin.click();
    await expect(question.getByText("Your messages stay on this device.")).toBeVisible();
    await expectAccessible(page, "new keys on a device in use");
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(question).toHaveCount(0);
    const locked = await lookOut(page, "Unlock your messages");
    await begin.click();
    await question.getByRole("button", { name: "Start over with new keys" }).click();
    // The key that stood opens nothing any more.
    const without = page.getByRole("button", { name: "Make a recovery key" });
    await ann.confirmIfAsked(without);
    await expect(without).toBeVisible();
    await expect(question).toHaveCount(0);
    await ann.expectConnected();
    expect(await locked()).toBe(false);
    const devices = page.getByRole("list", { name: "Your devices and sessions" });
    await expect(devices.getByText("Opens your messages")).toHaveCount(1);
  });

  await test.step("her other browser is out", async () => {
    const out = another.page.getByRole("heading", { name: "This browser was removed" });
    await expect(out).toBeVisible();
  });

  await test.step("what was said is still there", async () => {
    await ann.tab("Chats").click();
    await ann.list.getByRole("link", { name: GROUP.name }).click();
    await expect(ann.messages(GROUP).getByText("Nine at the bridge?")).toBeVisible();
    await expect(ann.messages(GROUP).getByText("I bring tea")).toBeVisible();
    // She belongs to it all the same.
    await expect(page.getByText("You are not in this group any more.")).toHaveCount(0);
    await openDirect(ann, bo);
    await expect(ann.messages(bo).getByText("Only for you")).toBeVisible();
    await expect(ann.messages(bo).getByText("And for you")).toBeVisible();
  });

  await test.step("the other is told, and takes the new keys", async () => {
    await expect(bo.page.getByText("Ann has new keys")).toBeVisible();
    await expect(bo.messages(ann).getByText("Ann's keys changed on")).toBeVisible();
    await bo.page.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(bo.page.getByText("Ann has new keys")).toHaveCount(0);
  });

  await test.step("both write and read, alone and in the group", async () => {
    await ann.write(bo, "It is still me");
    await expect(bo.messages(ann).getByText("It is still me")).toBeVisible();
    await bo.write(ann, "So I see");
    await expect(ann.messages(bo).getByText("So I see")).toBeVisible();
    await ann.open(GROUP);
    await bo.open(GROUP);
    await tell(bo, ann, "Nine, then");
    await tell(ann, bo, "On my way");
    await expect(ann.messages(GROUP).getByText("I bring tea")).toBeVisible();
  });

  await test.step("she is the admin that she was", async () => {
    await expect(row(bo, ann)).toContainText("Admin");
    await expect(row(bo, ann)).not.toContainText(AWAY);
  });

  await another.leave();
  await ann.leave();
  await bo.leave();
});
