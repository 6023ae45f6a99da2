/** Records in the browser that do not open any more: each ends in a conversation that works. */
import { expect, test } from "@playwright/test";
import { Person } from "./support/person";
import { damage } from "./support/storage";

test("damaged storage costs a line, a place or the keys, never the app", async ({ browser }) => {
  test.setTimeout(300_000);
  const gil = await Person.arrive(browser, "Gil");
  const hedy = await Person.arrive(browser, "Hedy");
  await gil.signUp();
  await hedy.signUp();
  await gil.befriend(hedy);
  await hedy.accept(gil);
  await gil.open(hedy);
  const { page } = gil;

  async function talk(word: string): Promise<void> {
    await gil.write(hedy, `${word} from Gil`);
    await expect(hedy.messages(gil).getByText(`${word} from Gil`)).toBeVisible();
    await hedy.write(gil, `${word} from Hedy`);
    await expect(gil.messages(hedy).getByText(`${word} from Hedy`)).toBeVisible();
  }

  async function reload(): Promise<void> {
    await page.reload();
    await gil.expectConnected();
  }

  await talk("Before");

  await test.step("a message that does not open is one line", async () => {
    expect(await damage(page, "history/", 1)).toBe(1);
    await reload();
    await expect(page.getByText("A message could not be read from this device.")).toHaveCount(1);
    await expect(gil.messages(hedy).getByText("Before from Hedy")).toBeVisible();
    await talk("With a gap");
  });

  await test.step("a room that lost its state is joined again", async () => {
    expect(await damage(page, "state/room/")).toBe(1);
    await reload();
    await expect(
      page.getByText("This device lost its place here and has joined again."),
    ).toHaveCount(1);
    await talk("Again");
  });

  await test.step("so is one whose group does not open", async () => {
    expect(await damage(page, "state/mls/")).toBeGreaterThan(0);
    await reload();
    await talk("Once more");
  });

  await test.step("drafts and other small things do not matter", async () => {
    await damage(page, "page/");
    await reload();
    await talk("Still");
  });

  await test.step("without its keys the browser says so, and can start fresh", async () => {
    expect(await damage(page, "state/keys/")).toBe(2);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Unlock your messages" })).toBeVisible();
    await page.getByRole("button", { name: "Start over without old messages" }).click();
    await page.getByRole("button", { name: "Make new keys" }).click();
    await gil.expectConnected();
    await expect(gil.messages(hedy).getByText("Still from Hedy")).toBeVisible();
    await gil.write(hedy, "With new keys");
    await hedy.page.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(hedy.messages(gil).getByText("With new keys")).toBeVisible();
  });

  await gil.leave();
  await hedy.leave();
});
