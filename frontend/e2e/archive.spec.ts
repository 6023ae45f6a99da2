/** The archive: what goes there, that nothing does while it is off, and that it can be emptied. */
import { type Browser, type BrowserContext, expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Guard } from "./support/guard";
import { Person } from "./support/person";

const NOT_KEPT = "Your archive has nothing older for this device";
const OFF = "The archive is off: what it doesn't hold is only on the devices that received it.";

/** How many messages the server keeps for somebody. */
async function archived({ context }: Person): Promise<number> {
  const answer = await context.request.get("/api/archive/rooms");
  expect(answer.status()).toBe(200);
  const rooms = (await answer.json()) as { entries: number }[];
  return rooms.reduce((sum, { entries }) => sum + entries, 0);
}

/** The uploads of a browser from now on: how many messages each held. */
function uploadsOf(context: BrowserContext): number[] {
  const uploads: number[] = [];
  context.on("request", (request) => {
    if (request.method() !== "POST" || !request.url().endsWith("/api/archive")) return;
    uploads.push((request.postDataJSON() as { entries: unknown[] }).entries.length);
  });
  return uploads;
}

/** A browser of somebody's that was set up with their recovery key. */
class Another {
  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly guard: Guard,
  ) {}

  static async of(person: Person, browser: Browser): Promise<Another> {
    const context = await person.signInElsewhere(browser);
    const guard = new Guard(context);
    const page = context.pages()[0]!;
    await page.getByRole("button", { name: "Use my recovery key" }).click();
    await page.getByLabel("Recovery key").fill(person.recoveryKey);
    await page.getByRole("button", { name: "Unlock" }).click();
    await expect(page.getByText("Connected")).toBeVisible();
    return new Another(page, context, guard);
  }

  async leave(): Promise<void> {
    this.guard.check();
    await this.context.close();
  }
}

test("an archive that is off takes nothing, and one that was deleted is empty", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const pia = await Person.arrive(browser, "Pia");
  const quin = await Person.arrive(browser, "Quin");
  const { page } = pia;
  const uploads = uploadsOf(pia.context);
  const archive = page.getByRole("switch", { name: "Keep an archive" });
  const everything = ["While it was on", "And the answer", "While it was off", "Off as well"];

  await test.step("what two people write is kept for each", async () => {
    await pia.signUp();
    await quin.signUp();
    await pia.befriend(quin);
    await quin.tab("Chats").click();
    await quin.accept(pia);
    await pia.open(quin);
    await pia.write(quin, "While it was on");
    await expect(quin.messages(pia).getByText("While it was on")).toBeVisible();
    await quin.write(pia, "And the answer");
    await expect(pia.messages(quin).getByText("And the answer")).toBeVisible();
    for (const person of [pia, quin]) await expect.poll(() => archived(person)).toBe(2);
    expect(uploads).not.toEqual([]);
  });

  await test.step("it is switched off, and stays so", async () => {
    await pia.openSettings("Devices and sessions");
    await expect(archive).toBeChecked();
    await expect(page.getByText("Every message that your devices can read is kept")).toBeVisible();
    await page.getByText("Keep an archive").click();
    await expect(page.getByText("The archive is off.", { exact: true })).toBeVisible();
    await expect(archive).not.toBeChecked();
    await expect(page.getByText("Nothing more is kept. What is there already")).toBeVisible();
    await expectAccessible(page, "an archive that is off");
    await page.reload();
    await pia.expectConnected();
    await expect(archive).not.toBeChecked();
    await expect(page.getByText("The archive is off.", { exact: true })).toBeVisible();
  });

  await test.step("nothing that is written then goes there", async () => {
    uploads.length = 0;
    await pia.open(quin);
    await pia.write(quin, "While it was off");
    await expect(quin.messages(pia).getByText("While it was off")).toBeVisible();
    await quin.write(pia, "Off as well");
    await expect(pia.messages(quin).getByText("Off as well")).toBeVisible();
    // Whoever has theirs on keeps both: so long it takes.
    await expect.poll(() => archived(quin)).toBe(4);
    expect(await archived(pia)).toBe(2);
  });

  await test.step("a new browser has what was kept before, and knows of the switch", async () => {
    const another = await Another.of(pia, browser);
    pia.page = another.page;
    await pia.open(quin);
    await expect(another.page.getByText(OFF)).toBeVisible();
    await expect.poll(() => pia.texts(quin)).toEqual(everything.slice(0, 2));
    await expectAccessible(another.page, "a conversation without an archive");
    await pia.openSettings("Devices and sessions");
    const same = another.page.getByRole("switch", { name: "Keep an archive" });
    await expect(same).not.toBeChecked();
    pia.page = page;
    await another.leave();
    expect(uploads).toEqual([]);
    expect(await archived(pia)).toBe(2);
  });

  await test.step("switched on again it gets what is missing", async () => {
    await pia.openSettings("Devices and sessions");
    await page.getByText("Keep an archive").click();
    await expect(archive).toBeChecked();
    await expect.poll(() => archived(pia)).toBe(4);
    await expect(page.getByText("No message waits to be kept.")).toBeVisible();
  });

  await test.step("it is deleted, after a question", async () => {
    const question = page.getByRole("alertdialog", { name: "Delete the whole archive?" });
    const ask = page.getByRole("button", { name: "Delete the archive" });
    await ask.click();
    await expect(
      question.getByText("can then read only what is written from now on"),
    ).toBeVisible();
    await expectAccessible(page, "deleting the archive");
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(question).toHaveCount(0);
    expect(await archived(pia)).toBe(4);
    await ask.click();
    await question.getByRole("button", { name: "Delete for good" }).click();
    const empty = page.getByText("The archive is empty.");
    await pia.confirmIfAsked(empty);
    await expect(empty).toBeVisible();
    await expect(question).toHaveCount(0);
    expect(await archived(pia)).toBe(0);
    await expect(archive).toBeChecked();
    await expectAccessible(page, "an archive that was deleted");
  });

  await test.step("the messages stay here, and new ones are kept", async () => {
    await pia.open(quin);
    await expect.poll(() => pia.texts(quin)).toEqual(everything);
    await pia.write(quin, "After it was deleted");
    await expect(quin.messages(pia).getByText("After it was deleted")).toBeVisible();
    await expect.poll(() => archived(pia)).toBe(1);
    await expect.poll(() => archived(quin)).toBe(5);
  });

  await test.step("a new browser has no older ones", async () => {
    const another = await Another.of(pia, browser);
    pia.page = another.page;
    await pia.open(quin);
    await expect.poll(() => pia.texts(quin)).toEqual(["After it was deleted"]);
    await expect(another.page.getByText(NOT_KEPT)).toBeVisible();
    await pia.write(quin, "Here I am");
    await expect(quin.messages(pia).getByText("Here I am")).toBeVisible();
    await expect.poll(() => pia.texts(quin)).toEqual(["After it was deleted", "Here I am"]);
    await another.leave();
    pia.page = page;
  });

  await pia.leave();
  await quin.leave();
});
